#include "policies/rule.h"

#include <string.h>

const struct rule *rule_find(const struct rules *rules, const char *id)
{
    size_t low = 0, high = rules->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = strcmp(id, rules->items[mid].id);

        if (c == 0)
            return &rules->items[mid];
        if (c < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const struct framework *rule_framework(const struct rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->nframeworks; i++)
        if (strcmp(rules->frameworks[i].id, id) == 0)
            return &rules->frameworks[i];
    return NULL;
}
