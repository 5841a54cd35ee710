#include "engine/storage/metadata_store.h"

#include <algorithm>

namespace skillbox {

std::optional<SkillCursor> cursorAfter(const QList<SkillVersionRecord> &page)
{
    // By name upwards and, within a name, by time and number downwards.
    const auto comesBefore = [](const SkillVersionRecord &a, const SkillVersionRecord &b) {
        const QByteArray nameA = a.name.toUtf8(), nameB = b.name.toUtf8(); // as the store compares
        if (nameA != nameB)
            return nameA < nameB;
        return std::tie(a.publishedAt, a.seq) > std::tie(b.publishedAt, b.seq);
    };
    const auto last = std::max_element(page.begin(), page.end(), comesBefore);
    if (last == page.end())
        return std::nullopt;
    return SkillCursor{last->name, last->publishedAt, last->seq};
}

std::optional<ExecutionCursor> cursorAfter(const QList<ExecutionRecord> &page)
{
    if (page.isEmpty())
        return std::nullopt;
    return ExecutionCursor{page.constLast().createdAt, page.constLast().seq};
}

} // namespace skillbox
