#include "scanner/image/capability.h"

#define REVISION_MASK 0xff000000u
#define REVISION_1 0x01000000u
#define REVISION_2 0x02000000u
#define REVISION_3 0x03000000u
#define EFFECTIVE 1u

/* SPEC: linux/capability.h */
static const char *const cap_names[] = {"cap_chown",
                                        "cap_dac_override",
                                        "cap_dac_read_search",
                                        "cap_fowner",
                                        "cap_fsetid",
                                        "cap_kill",
                                        "cap_setgid",
                                        "cap_setuid",
                                        "cap_setpcap",
                                        "cap_linux_immutable",
                                        "cap_net_bind_service",
                                        "cap_net_broadcast",
                                        "cap_net_admin",
                                        "cap_net_raw",
                                        "cap_ipc_lock",
                                        "cap_ipc_owner",
                                        "cap_sys_module",
                                        "cap_sys_rawio",
                                        "cap_sys_chroot",
                                        "cap_sys_ptrace",
                                        "cap_sys_pacct",
                                        "cap_sys_admin",
                                        "cap_sys_boot",
                                        "cap_sys_nice",
                                        "cap_sys_resource",
                                        "cap_sys_time",
                                        "cap_sys_tty_config",
                                        "cap_mknod",
                                        "cap_lease",
                                        "cap_audit_write",
                                        "cap_audit_control",
                                        "cap_setfcap",
                                        "cap_mac_override",
                                        "cap_mac_admin",
                                        "cap_syslog",
                                        "cap_wake_alarm",
                                        "cap_block_suspend",
                                        "cap_audit_read",
                                        "cap_perfmon",
                                        "cap_bpf",
                                        "cap_checkpoint_restore"};

static bool read_sets(struct slice xattr, uint64_t *caps, bool *effective)
{
    struct reader r = reader_over(xattr);
    uint32_t magic, permitted[2] = {0}, inheritable[2] = {0};
    size_t words, rest;

    if (!reader_u32le(&r, &magic))
        return false;
    words = (magic & REVISION_MASK) == REVISION_1 ? 1 : 2;
    rest = (magic & REVISION_MASK) == REVISION_3 ? 4 : 0;
    if ((magic & REVISION_MASK) < REVISION_1 || (magic & REVISION_MASK) > REVISION_3)
        return false;
    for (size_t i = 0; i < words; i++)
        if (!reader_u32le(&r, &permitted[i]) || !reader_u32le(&r, &inheritable[i]))
            return false;
    *caps = (uint64_t)(permitted[1] | inheritable[1]) << 32 | permitted[0] | inheritable[0];
    *effective = (magic & EFFECTIVE) != 0;
    return r.left == rest;
}

bool capability_decode(struct slice xattr, struct arena *a, const struct value **names,
                       bool *effective)
{
    struct value_builder b;
    uint64_t caps;

    if (!read_sets(xattr, &caps, effective))
        return false;
    value_list_begin(&b, a);
    for (unsigned i = 0; i < 64; i++) {
        if ((caps >> i & 1) == 0)
            continue;
        value_list_add(&b, value_str(a, i < ARRAY_LEN(cap_names) ? cap_names[i]
                                                                 : arena_printf(a, "cap_%u", i)));
    }
    *names = value_list_end(&b, NULL);
    return true;
}
