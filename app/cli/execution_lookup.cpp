#include "app/cli/execution_lookup.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int lookBack = 1000;
constexpr qsizetype shortestPrefix = 4;

} // namespace

QString shortId(const ExecutionId &id)
{
    return id.value.first(std::min<qsizetype>(8, id.value.size()));
}

Result<ExecutionRecord> findExecution(Backend &backend, const QString &text)
{
    if (isUuid(text))
        return backend.execution({text});

    ExecutionFilter filter;
    filter.limit = text == u"last" ? 1 : lookBack;
    const Result<QList<ExecutionRecord>> latest = backend.executions(filter);
    if (!latest)
        return fail(latest.error());
    QList<ExecutionId> matches;
    for (const ExecutionRecord &record : *latest) {
        if (text == u"last" || (text.size() >= shortestPrefix && record.id.value.startsWith(text)))
            matches.append(record.id);
    }
    if (matches.size() == 1)
        return backend.execution(matches.first());
    if (matches.size() > 1) {
        return fail(
            ErrorCode::BadRequest,
            u"'%1' is the beginning of %2 executions' ids: write more of it"_s.arg(text).arg(
                matches.size()));
    }
    if (text == u"last")
        return fail(ErrorCode::NotFound, u"nothing has been run yet"_s);
    return fail(ErrorCode::NotFound,
                u"there is no execution '%1'; skillbox exec list shows the latest"_s.arg(text));
}

} // namespace skillbox
