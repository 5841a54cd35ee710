#include "app/cli/findings_view.h"

#include "app/cli/format.h"
#include "app/cli/text.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Paint severityPaint(Severity severity)
{
    switch (severity) {
    case Severity::Error: return Paint::Red;
    case Severity::Warning: return Paint::Yellow;
    case Severity::Info: break;
    }
    return Paint::Cyan;
}

qint64 countOf(const QList<Finding> &findings, Severity severity)
{
    return std::count_if(findings.begin(), findings.end(), [severity](const Finding &finding) {
        return finding.severity == severity;
    });
}

} // namespace

void printFindings(Terminal &terminal, const QString &where, const QList<Finding> &findings)
{
    for (const Finding &finding : findings) {
        QString place = where;
        if (!finding.file.isEmpty())
            place += (place.isEmpty() || place.endsWith(u'/') ? u""_s : u"/"_s) + finding.file;
        if (finding.range.line > 0)
            place += u":%1:%2"_s.arg(finding.range.line).arg(finding.range.column);
        terminal.writeLine(printableLine(place) + u": "_s
                           + terminal.painted(severityPaint(finding.severity),
                                              severityName(finding.severity) + u':')
                           + u' ' + printableLine(finding.message) + u' '
                           + terminal.painted(Paint::Dim, u'[' + finding.id + u']'));
        if (!finding.hint.isEmpty())
            terminal.writeLine(
                terminal.painted(Paint::Dim, u"    "_s + printableLine(finding.hint)));
    }
}

QString findingsSummary(const QList<Finding> &findings)
{
    QStringList parts;
    if (const qint64 errors = countOf(findings, Severity::Error))
        parts.append(counted(errors, u"error"_s));
    if (const qint64 warnings = countOf(findings, Severity::Warning))
        parts.append(counted(warnings, u"warning"_s));
    if (const qint64 infos = countOf(findings, Severity::Info))
        parts.append(counted(infos, u"note"_s));
    return parts.join(u", "_s);
}

void writeFindings(JsonWriter &json, const QList<Finding> &findings)
{
    json.beginArray();
    for (const Finding &finding : findings) {
        json.beginObject()
            .member(u"id"_s, finding.id)
            .member(u"severity"_s, QString(severityName(finding.severity)))
            .member(u"message"_s, finding.message)
            .memberIfAny(u"file"_s, finding.file);
        if (finding.range.line > 0) {
            json.member(u"line"_s, qint64{finding.range.line})
                .member(u"column"_s, qint64{finding.range.column})
                .member(u"end_line"_s, qint64{finding.range.endLine})
                .member(u"end_column"_s, qint64{finding.range.endColumn});
        }
        json.memberIfAny(u"hint"_s, finding.hint)
            .member(u"confidence"_s, QString(confidenceName(finding.confidence)))
            .memberIfAny(u"fingerprint"_s, finding.fingerprint);
        if (finding.fix) {
            json.key(u"fix"_s)
                .beginObject()
                .member(u"title"_s, finding.fix->title)
                .member(u"safe"_s, finding.fix->safety == FixSafety::Safe)
                .endObject();
        }
        json.endObject();
    }
    json.endArray();
}

} // namespace skillbox
