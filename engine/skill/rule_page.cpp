#include "engine/skill/rules.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString severityWord(std::optional<Severity> severity)
{
    return severity ? QString(severityName(*severity)) : u"not reported"_s;
}

} // namespace

QString ruleHelpUri(QStringView id)
{
    return u"docs/rules/%1.md"_s.arg(id);
}

QString rulePage(const RuleInfo &rule)
{
    const RuleHelp &help = ruleHelp(rule.rule);
    const QString id = QLatin1StringView(rule.id);
    QString page = u"# %1: %2\n\n"_s.arg(id, QString::fromUtf8(rule.title));
    page += u"| profile | severity |\n|---|---|\n| `skillbox` | %1 |\n| `agentskills` | %2 |\n\n"_s
                .arg(severityWord(rule.skillbox), severityWord(rule.agentSkills));
    page += u"Confidence: %1.\n\n"_s.arg(confidenceName(rule.confidence));
    page += u"**Why it matters.** %1\n\n"_s.arg(QString::fromUtf8(help.why));
    page += u"**What to do.** %1\n"_s.arg(QString::fromUtf8(help.fix));
    const bool canBeSuppressed = !(isSecurityRule(id) && rule.skillbox == Severity::Error);
    page += u"\n**If it is meant so.** "_s;
    if (canBeSuppressed) {
        page += u"Write `skillbox-ignore %1: the reason` into a comment on the line before, or "
                "`skillbox-ignore-file %1: the reason` anywhere in the file.\n"_s.arg(id);
    } else {
        page += u"A comment `skillbox-ignore %1: the reason` on the line before keeps the checker "
                "quiet on your machine; publishing refuses the skill all the same.\n"_s.arg(id);
    }
    return page;
}

} // namespace skillbox
