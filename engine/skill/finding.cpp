#include "engine/skill/finding.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

QLatin1StringView severityName(Severity severity)
{
    switch (severity) {
    case Severity::Info: return QLatin1StringView("info");
    case Severity::Warning: return QLatin1StringView("warning");
    case Severity::Error: break;
    }
    return QLatin1StringView("error");
}

bool hasErrors(const QList<Finding> &findings)
{
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding &finding) { return finding.severity == Severity::Error; });
}

QString toText(const Finding &finding)
{
    QString place = finding.file;
    if (finding.range.line > 0)
        place += u":%1:%2"_s.arg(finding.range.line).arg(finding.range.column);
    // Joined, not formatted with arg(): a message may hold a % of its own.
    return place + u": "_s + severityName(finding.severity) + u": "_s + finding.message + u" ["_s
        + finding.id + u']';
}

} // namespace skillbox
