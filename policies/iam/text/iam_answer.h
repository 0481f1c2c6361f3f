#ifndef POLICIES_IAM_TEXT_IAM_ANSWER_H
#define POLICIES_IAM_TEXT_IAM_ANSWER_H

/* Three-valued: MAYBE is "could not tell" and never counts as what lets something out. */
enum iam_answer { IAM_NO, IAM_MAYBE, IAM_YES };
#endif
