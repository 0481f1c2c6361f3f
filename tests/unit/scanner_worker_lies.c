/* scanner/worker: what a worker says and the parent does not believe, and programs that are no
 * workers at all. TEST-OF: docs/threat-model.md */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/value_wire.h"
#include "scanner/worker/frame.h"
#include "tests/unit/scanner_worker_support.h"

TestSuite(worker, .fini = remove_folder);

/* ---- lies ---- */
struct lie {
    const char *what;
    const char *bytes; /* hex, after READY */
    enum err_code code;
    const char *text;
};

#define DONE0                                                                                      \
    "0d20000000"                                                                                   \
    "0000000000000000"                                                                             \
    "0000000000000000"                                                                             \
    "0000000000000000"                                                                             \
    "0000000000000000"
#define DONE1                                                                                      \
    "0d20000000"                                                                                   \
    "0100000000000000"                                                                             \
    "0000000000000000"                                                                             \
    "0000000000000000"                                                                             \
    "0000000000000000"

static const struct lie lies[] = {
    {"nothing", "", ERR_SANDBOX, "without saying that it was done"},
    {"half a head", "0701", ERR_SANDBOX, "the last frame is cut short"},
    {"type 0", "0000000000", ERR_SANDBOX, "a frame of unknown type 0"},
    {"type 14", "0e00000000", ERR_SANDBOX, "a frame of unknown type 14"},
    {"type 255", "ffffffffff", ERR_SANDBOX, "a frame of unknown type 255"},
    {"length lie", "07ffffffff", ERR_LIMIT, "a frame of 4294967295 bytes (LIMIT_FRAME_BYTES)"},
    {"one past the cap", "0701000004", ERR_LIMIT, "a frame of 67108865 bytes (LIMIT_FRAME_BYTES)"},
    {"at the cap, cut short", "0700000004", ERR_SANDBOX, "the last frame is cut short"},
    {"parent's words", "0100000000", ERR_SANDBOX, "it says what only the parent says"},
    {"parent's job", "0300000000", ERR_SANDBOX, "it says what only the parent says"},
    {"ready twice", "0200000000", ERR_SANDBOX, "it is ready twice"},
    {"an entry that is not there",
     "0404000000"
     "00000000",
     ERR_SANDBOX, "it asks for an entry that is not there"},
    {"want of no length", "0400000000", ERR_SANDBOX, "a frame has a bad payload"},
    {"an empty fact", "0700000000", ERR_SANDBOX, "a frame cannot be read"},
    {"a fact that is null",
     "0703000000"
     "000000",
     ERR_SANDBOX, "a frame has a bad payload"},
    {"a fact of an empty map",
     "0704000000"
     "06000000",
     ERR_SANDBOX, "a frame has a bad source"},
    {"a map of 2^63 members",
     "070d000000"
     "060000ffffffffffffffff7f00",
     ERR_SANDBOX, "a frame cannot be read"},
    {"bad UTF-8",
     "0706000000"
     "04000002c328",
     ERR_SANDBOX, "a frame cannot be read"},
    {"bytes behind the value",
     "0705000000"
     "0600000000",
     ERR_SANDBOX, "a frame has a bad length"},
    {"garbage",
     "0708000000"
     "deadbeefdeadbeef",
     ERR_SANDBOX, "a frame cannot be read"},
    {"a remark without text",
     "0904000000"
     "06000000",
     ERR_SANDBOX, "a frame has a bad line"},
    {"a subject without kind",
     "0a04000000"
     "06000000",
     ERR_SANDBOX, "a frame has a bad kind"},
    {"a failure without code",
     "0c04000000"
     "06000000",
     ERR_SANDBOX, "a frame has a bad code"},
    {"done and on", DONE0 DONE0, ERR_SANDBOX, "it goes on after it was done"},
    {"done with half a frame behind", DONE0 "07", ERR_SANDBOX, "the last frame is cut short"},
    {"done, miscounted", DONE1, ERR_SANDBOX, "it counts other than what it told"},
    {"done, cut short",
     "0d01000000"
     "00",
     ERR_SANDBOX, "a frame has a bad payload"},
    {"progress of a wrong size",
     "0b02000000"
     "0000",
     ERR_SANDBOX, "a frame has a bad payload"},
};

CASES(worker, believes_no_lie, lies)
{
    const struct lie *l = &lies[*case_index];
    struct run r;

    set_up(&r, "raw");
    with_param(&r, "hex", l->bytes);
    go(&r);
    expect_unreadable(&r, l->code, l->text, l->what);
    tear_down(&r);
}

Test(worker, an_honest_end_is_believed)
{
    struct run r;

    set_up(&r, "raw");
    with_param(&r, "hex", DONE0);
    go(&r);
    cr_expect(r.ok, "%s", r.e.text);
    tear_down(&r);
}

/* ---- ledger lines and facts that contradict themselves, made by hand ---- */
static void hex_of(const struct buf *b, char *to)
{
    for (size_t i = 0; i < b->len; i++)
        sprintf(to + 2 * i, "%02x", b->data[i]);
}

struct ledger_lie {
    const char *what;
    struct coverage c;
    const char *text; /* "": fine */
};

static const struct ledger_lie ledger_lies[] = {
    {"whole", {.format = "x", .bytes = 6, .parsed = 1, .scanned = 2, .opaque = 3}, ""},
    {"parts do not sum",
     {.format = "x", .bytes = 6, .parsed = 1, .scanned = 2, .opaque = 2},
     "a ledger line whose parts are not its bytes"},
    {"parts overflow",
     {.format = "x", .bytes = 0, .parsed = INT64_MAX, .scanned = INT64_MAX, .opaque = 2},
     "a ledger line whose parts are not its bytes"},
    {"read but unread",
     {.format = "x", .bytes = 6, .unread = 6},
     "a ledger line called read with bytes unread"},
    {"partial without a reason",
     {.format = "x", .bytes = 6, .parsed = 5, .unread = 1, .status = COVERAGE_PARTIAL},
     "a ledger line without a reason"},
    {"a status that is none",
     {.format = "x", .reason = "r", .status = (enum coverage_status)4},
     "a frame has a bad status"},
    {"a digest that is none", {.format = "x", .digest = "sha256:00"}, "a frame has a bad digest"},
    {"no format", {.bytes = 0}, "a frame has a bad format"},
};

CASES(worker, checks_the_ledger, ledger_lies)
{
    const struct ledger_lie *l = &ledger_lies[*case_index];
    char hex[4096] = "";
    struct run r;
    struct buf b;

    set_up(&r, "raw");
    buf_init(&b, sizeof(hex) / 2 - 1);
    frame_put_cover(&b, &l->c, &r.arena);
    frame_put_done(&b, &(struct frame_counts){.coverage = 1});
    hex_of(&b, hex);
    buf_release(&b);
    with_param(&r, "hex", hex);
    go(&r);
    if (l->text[0] == '\0')
        cr_expect(r.ok, "%s: %s", l->what, r.e.text);
    else
        expect_unreadable(&r, ERR_SANDBOX, l->text, l->what);
    tear_down(&r);
}

/* Text with a NUL would be cut short in silence. */
Test(worker, refuses_nul_in_text)
{
    char hex[4096] = "";
    struct value_builder m;
    struct run r;
    struct buf b;

    set_up(&r, "raw");
    value_map_begin(&m, &r.arena);
    value_map_add(&m, "kind", value_string(&r.arena, SLICE_LIT("model\0x"), NULL));
    buf_init(&b, 1000);
    value_wire_put(&b, value_map_end(&m, NULL));
    sprintf(hex, "0a%02zx000000", b.len);
    hex_of(&b, hex + 10);
    buf_release(&b);
    with_param(&r, "hex", hex);
    go(&r);
    expect_unreadable(&r, ERR_SANDBOX, "a frame has a bad kind", "NUL");
    tear_down(&r);
}

/* ---- programs that are no workers at all ---- */
struct script {
    const char *what, *text;
    enum err_code code;
    const char *want;
};

static const struct script scripts[] = {
    {"speaks before its sandbox", "printf '\\007\\000\\000\\000\\000' >&3; read x", ERR_SANDBOX,
     "it speaks before its sandbox is up"},
    {"is done before its sandbox",
     "printf "
     "'\\015\\040\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\"
     "000"
     "\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000' "
     ">&3",
     ERR_SANDBOX, "it speaks before its sandbox is up"},
    {"ends at once", "exit 0", ERR_SANDBOX, "it ended without saying that it was done"},
    {"ends with an error", "exit 9", ERR_SANDBOX, "ended with status 9 before it was done"},
    {"closes its socket and lives on", "exec 3>&-; exec sleep 30", ERR_SANDBOX,
     "it closed its socket and lived on"},
    {"never says a word", "exec sleep 30", ERR_LIMIT, "took more than 4 seconds"},
    {"kills itself", "kill -9 $$", ERR_SANDBOX, "killed from outside (SIGKILL)"},
};

CASES(worker, other_programs_are_no_workers, scripts)
{
    const struct script *s = &scripts[*case_index];
    char dir[64], path[128], text[2048];
    struct run r;

    new_folder(dir);
    snprintf(path, sizeof(path), "%s/x", dir);
    snprintf(text, sizeof(text), "#!/bin/sh\nPATH=/usr/bin:/bin\n%s\n", s->text);
    write_file(path, text, strlen(text));
    cr_assert_eq(chmod(path, 0700), 0);
    set_up(&r, "echo");
    r.job.exe = path;
    r.job.seconds = 4;
    go(&r);
    expect_unreadable(&r, s->code, s->want, s->what);
    tear_down(&r);
}

/* It claims a sandbox that the kernel knows nothing of. */
Test(worker, its_word_for_the_sandbox_is_checked)
{
    struct frame_ready claim = {.report = {true, true, true, true, 5},
                                .cause = {.offset = ERR_NO_OFFSET}};
    char dir[64], path[128], frame[128], text[256];
    struct run r;
    struct buf b;

    set_up(&r, "echo");
    new_folder(dir);
    buf_init(&b, 4096);
    frame_put_ready(&b, &claim, &r.arena);
    snprintf(frame, sizeof(frame), "%s/frame", dir);
    write_file(frame, b.data, b.len);
    buf_release(&b);
    snprintf(path, sizeof(path), "%s/x", dir);
    snprintf(text, sizeof(text), "#!/bin/sh\n/bin/cat %s >&3\nexec /bin/sleep 20\n", frame);
    write_file(path, text, strlen(text));
    cr_assert_eq(chmod(path, 0700), 0);
    r.job.exe = path;
    r.job.seconds = 5;
    go(&r);
    expect_unreadable(&r, ERR_SANDBOX, "the kernel does not confirm what the worker says", "claim");
    cr_expect(!r.report.seccomp && !r.report.no_new_privs);
    tear_down(&r);
}
