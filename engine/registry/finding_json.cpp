#include "engine/registry/finding_json.h"

#include "engine/skill/rules.h"

#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {

QJsonArray findingsJson(const QList<Finding> &findings)
{
    QJsonArray items;
    for (const Finding &finding : findings) {
        QJsonObject item{{u"id"_s, finding.id},
                         {u"severity"_s, QString(severityName(finding.severity))},
                         {u"message"_s, finding.message}};
        if (!finding.file.isEmpty())
            item.insert(u"file"_s, finding.file);
        if (finding.range.line > 0) {
            item.insert(u"line"_s, finding.range.line);
            item.insert(u"column"_s, finding.range.column);
            item.insert(u"end_line"_s, finding.range.endLine);
            item.insert(u"end_column"_s, finding.range.endColumn);
        }
        if (!finding.hint.isEmpty())
            item.insert(u"hint"_s, finding.hint);
        items.append(item);
    }
    return items;
}

Error withFinding(Error error)
{
    if (error.code == ErrorCode::InvalidSkill && error.items.isEmpty()) {
        error.items = findingsJson(
            {Finding{.id = QString::fromLatin1(ruleInfo(Rule::TreeUnusable).id),
                     .severity = Severity::Error,
                     .message = error.message,
                     .file = {},
                     .range = {}}});
    }
    return error;
}

} // namespace skillbox
