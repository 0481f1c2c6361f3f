#ifndef SCANNER_FORMATS_TORCH_TORCH_CHAIN_H
#define SCANNER_FORMATS_TORCH_TORCH_CHAIN_H
/*
 * Files of torch.save one behind the other, each a zip of its own, as torch.distributed.checkpoint
 * writes them. Its reader takes each by the offset and the length that .metadata gives; everybody
 * else takes the last end record. SPEC: PyTorch 2.8, torch/distributed/checkpoint/filesystem.py.
 */
#include "base/arena.h"
#include "scanner/input/source.h"

struct torch_item {
    uint64_t at, end;   /* bytes of the file */
    uint64_t directory; /* where its central directory begins */
};

struct torch_chain {
    struct torch_item *items; /* by place; the next begins where one ends */
    size_t n;
};

/*
 * torch_chain_find(s, len, a, out): is `s` nothing but whole zips of torch.save? Each must be sound
 * by itself (no gap, no second directory, offsets from its own begin, no comment), and an end
 * record that is read with offsets of the file must lead to the directory of one of them, or
 * nowhere. False when not, or when the source cannot be read. Cost: each directory is read.
 */
bool torch_chain_find(struct source *s, uint64_t len, struct arena *a, struct torch_chain *out);
#endif
