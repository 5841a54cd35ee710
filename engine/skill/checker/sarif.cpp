#include "engine/skill/checker/sarif.h"

#include "engine/skill/rules.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString levelOf(Severity severity)
{
    switch (severity) {
    case Severity::Info: return u"note"_s;
    case Severity::Warning: return u"warning"_s;
    case Severity::Error: break;
    }
    return u"error"_s;
}

QString precisionOf(Confidence confidence)
{
    return confidenceName(confidence); // SARIF viewers know the same three words
}

QJsonObject ruleObject(const RuleInfo &rule)
{
    const RuleHelp &help = ruleHelp(rule.rule);
    const QString id = QLatin1StringView(rule.id);
    const QString title = QString::fromUtf8(rule.title);
    const QString why = QString::fromUtf8(help.why);
    const QString fix = QString::fromUtf8(help.fix);
    QString family = id.section(u'-', 1);
    while (!family.isEmpty() && family.back().isDigit())
        family.chop(1);
    QJsonArray tags{family.toLower()};
    if (isSecurityRule(id))
        tags.append(u"security"_s);
    return {{u"id"_s, id},
            {u"name"_s, title},
            {u"shortDescription"_s, QJsonObject{{u"text"_s, title}}},
            {u"fullDescription"_s, QJsonObject{{u"text"_s, why}}},
            {u"help"_s,
             QJsonObject{{u"text"_s, why + u"\n\n"_s + fix}, {u"markdown"_s, rulePage(rule)}}},
            {u"helpUri"_s, ruleHelpUri(id)},
            {u"defaultConfiguration"_s,
             QJsonObject{
                 {u"level"_s,
                  levelOf(rule.skillbox.value_or(rule.agentSkills.value_or(Severity::Error)))}}},
            {u"properties"_s,
             QJsonObject{{u"tags"_s, tags}, {u"precision"_s, precisionOf(rule.confidence)}}}};
}

QString uriOf(const SarifSkill &skill, const QString &file)
{
    QString path = skill.path;
    if (!file.isEmpty())
        path += (path.isEmpty() || path.endsWith(u'/') ? u""_s : u"/"_s) + file;
    while (path.startsWith(u"./"))
        path.remove(0, 2);
    return QString::fromLatin1(QUrl::toPercentEncoding(path, "/"));
}

QJsonObject locationOf(const SarifSkill &skill, const Finding &finding)
{
    QJsonObject physical{
        {u"artifactLocation"_s, QJsonObject{{u"uri"_s, uriOf(skill, finding.file)}}}};
    if (finding.range.line > 0) {
        physical.insert(u"region"_s,
                        QJsonObject{{u"startLine"_s, finding.range.line},
                                    {u"startColumn"_s, finding.range.column},
                                    {u"endLine"_s, finding.range.endLine},
                                    {u"endColumn"_s, finding.range.endColumn}});
    }
    return {{u"physicalLocation"_s, physical}};
}

QJsonArray fixesOf(const SarifSkill &skill, const Finding &finding)
{
    QJsonArray replacements;
    for (const TextEdit &edit : finding.fix->edits) {
        QJsonObject replacement{
            {u"deletedRegion"_s,
             QJsonObject{{u"byteOffset"_s, edit.start}, {u"byteLength"_s, edit.length}}}};
        if (!edit.replacement.isEmpty()) {
            replacement.insert(u"insertedContent"_s,
                               QJsonObject{{u"text"_s, QString::fromUtf8(edit.replacement)}});
        }
        replacements.append(replacement);
    }
    // A renaming has no place in SARIF.
    if (replacements.isEmpty())
        return {};
    const QJsonObject change{{u"artifactLocation"_s,
                              QJsonObject{{u"uri"_s, uriOf(skill, finding.file)}}},
                             {u"replacements"_s, replacements}};
    return {QJsonObject{{u"description"_s, QJsonObject{{u"text"_s, finding.fix->title}}},
                        {u"artifactChanges"_s, QJsonArray{change}}}};
}

QJsonObject resultOf(const SarifSkill &skill, const Finding &finding)
{
    const RuleInfo *rule = findRule(finding.id);
    const QString text = finding.hint.isEmpty() ? finding.message
                                                : finding.message + u". "_s + finding.hint;
    QJsonObject result{{u"ruleId"_s, finding.id},
                       {u"level"_s, levelOf(finding.severity)},
                       {u"message"_s, QJsonObject{{u"text"_s, text}}},
                       {u"locations"_s, QJsonArray{locationOf(skill, finding)}}};
    if (rule)
        result.insert(u"ruleIndex"_s, static_cast<int>(rule->rule));
    if (!finding.fingerprint.isEmpty()) {
        result.insert(u"partialFingerprints"_s,
                      QJsonObject{{u"skillboxFinding/v1"_s, finding.fingerprint}});
    }
    if (finding.fix) {
        if (const QJsonArray fixes = fixesOf(skill, finding); !fixes.isEmpty())
            result.insert(u"fixes"_s, fixes);
    }
    return result;
}

} // namespace

QByteArray sarifReport(const QList<SarifSkill> &skills, const QString &programVersion)
{
    QJsonArray rules;
    for (const RuleInfo &rule : allRules())
        rules.append(ruleObject(rule));
    QJsonArray results;
    for (const SarifSkill &skill : skills) {
        for (const Finding &finding : skill.findings)
            results.append(resultOf(skill, finding));
        for (const SuppressedFinding &suppressed : skill.suppressed) {
            QJsonObject result = resultOf(skill, suppressed.finding);
            result.insert(u"suppressions"_s,
                          QJsonArray{QJsonObject{{u"kind"_s, u"inSource"_s},
                                                 {u"justification"_s, suppressed.reason}}});
            results.append(result);
        }
    }
    const QJsonObject driver{{u"name"_s, u"skillbox"_s},
                             {u"semanticVersion"_s, programVersion},
                             {u"rules"_s, rules}};
    const QJsonObject run{{u"tool"_s, QJsonObject{{u"driver"_s, driver}}},
                          {u"columnKind"_s, u"unicodeCodePoints"_s},
                          {u"results"_s, results}};
    return QJsonDocument(
               QJsonObject{{u"$schema"_s, u"https://json.schemastore.org/sarif-2.1.0.json"_s},
                           {u"version"_s, u"2.1.0"_s},
                           {u"runs"_s, QJsonArray{run}}})
        .toJson(QJsonDocument::Compact);
}

} // namespace skillbox
