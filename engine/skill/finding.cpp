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

std::optional<Severity> severityFromName(QStringView name)
{
    for (const Severity severity : {Severity::Info, Severity::Warning, Severity::Error}) {
        if (name == severityName(severity))
            return severity;
    }
    return std::nullopt;
}

QLatin1StringView confidenceName(Confidence confidence)
{
    switch (confidence) {
    case Confidence::Low: return QLatin1StringView("low");
    case Confidence::Medium: return QLatin1StringView("medium");
    case Confidence::High: break;
    }
    return QLatin1StringView("high");
}

bool hasErrors(const QList<Finding> &findings)
{
    return hasAtLeast(findings, Severity::Error);
}

bool hasAtLeast(const QList<Finding> &findings, Severity severity)
{
    return std::any_of(findings.begin(), findings.end(),
                       [severity](const Finding &finding) { return finding.severity >= severity; });
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
