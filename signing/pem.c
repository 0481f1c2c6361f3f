#include "signing/pem.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/limits.h"
#include "base/reader.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

static bool is_base64(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/* SPEC: RFC 7468 section 3: labels are upper-case words; ours hold letters, digits and blanks. */
static bool read_label(struct slice line, const char *prefix, struct slice *out)
{
    const size_t front = strlen(prefix);

    if (!slice_starts(line, prefix) || !slice_ends(line, DASHES))
        return false;
    if (line.len < front + strlen(DASHES) + 1)
        return false;
    *out = (struct slice){line.data + front, line.len - front - strlen(DASHES)};
    for (size_t i = 0; i < out->len; i++) {
        const uint8_t c = out->data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' '))
            return false;
    }
    return out->len < PEM_LABEL_MAX;
}

static bool read_begin(struct reader *r, struct slice *label, struct err *e)
{
    struct slice line;
    struct reader at = *r;

    while (reader_line(r, &line)) {
        line = slice_trim_end(line, " \t\r");
        if (line.len == 0) {
            at = *r;
            continue;
        }
        if (read_label(line, BEGIN, label))
            return true;
        return err_at(e, ERR_FORMAT, &at, "the PEM text does not begin with a BEGIN line");
    }
    return err_at(e, ERR_FORMAT, &at, "no PEM block");
}

/* Collects the base64 of the block, without line ends, up to the END line of the same label. */
static bool read_body(struct reader *r, struct slice label, struct secret *text, struct err *e)
{
    struct slice line, name;
    struct reader at = *r;

    text->len = 0;
    while (reader_line(r, &line)) {
        line = slice_trim_end(line, " \t\r");
        if (slice_starts(line, DASHES)) {
            if (!read_label(line, END, &name) || !slice_eq(name, label))
                return err_at(e, ERR_FORMAT, &at, "the END line does not match the BEGIN line");
            return true;
        }
        if (memchr(line.data, ':', line.len) != NULL)
            return err_at(e, ERR_UNSUPPORTED, &at, "PEM headers: convert the key to PKCS#8");
        memcpy(text->data + text->len, line.data, line.len); /* fits: the text was as long */
        text->len += line.len;
        at = *r;
    }
    return err_at(e, ERR_FORMAT, &at, "the PEM block has no END line");
}

static bool read_tail(struct reader *r, struct err *e)
{
    struct slice line;
    struct reader at = *r;

    while (reader_line(r, &line)) {
        line = slice_trim_end(line, " \t\r");
        if (slice_starts(line, BEGIN))
            return err_at(e, ERR_FORMAT, &at, "a second PEM block: keep one key in a file");
        if (line.len != 0)
            return err_at(e, ERR_FORMAT, &at, "text behind the PEM block");
        at = *r;
    }
    return true;
}

/*
 * Strict base64: whole groups, padding only at the end. The shape is checked here, then OpenSSL
 * decodes it in constant time.
 */
static bool decode(const struct secret *text, uint64_t at, struct secret *der, struct err *e)
{
    size_t pad = 0, len = text->len;

    while (len > 0 && pad < 2 && text->data[len - 1] == '=') {
        len--;
        pad++;
    }
    for (size_t i = 0; i < len; i++)
        if (!is_base64(text->data[i]))
            return err_pos(e, ERR_FORMAT, at, "the PEM block holds a byte that is not base64");
    if (text->len == 0 || text->len % 4 != 0)
        return err_pos(e, ERR_FORMAT, at, "the PEM block holds %zu base64 digits, not whole groups",
                       text->len);
    secret_alloc(der, text->len / 4 * 3);
    if (EVP_DecodeBlock(der->data, text->data, (int)text->len) < 0) {
        secret_wipe(der);
        return err_pos(e, ERR_FORMAT, at, "the PEM block is not base64");
    }
    der->len -= pad;
    return true;
}

bool pem_read(struct slice text, struct pem *out, struct err *e)
{
    AUTO_SECRET struct secret body = {0};
    struct reader r = reader_over(text);
    struct secret der = {0};
    struct slice label;
    uint64_t at;

    if (text.len > LIMIT_KEY_BYTES)
        return err_fail(e, ERR_LIMIT, "%zu bytes of PEM, %u allowed (LIMIT_KEY_BYTES)", text.len,
                        LIMIT_KEY_BYTES);
    secret_alloc(&body, text.len);
    if (!read_begin(&r, &label, e))
        return false;
    at = r.offset;
    if (!read_body(&r, label, &body, e) || !read_tail(&r, e) || !decode(&body, at, &der, e))
        return false;
    out->der = der;
    memcpy(out->label, label.data, label.len);
    out->label[label.len] = '\0';
    return true;
}
