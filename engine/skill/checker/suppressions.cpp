#include "engine/skill/checker/suppressions.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr QByteArrayView ignoreKeyword("skillbox-ignore");

/// Whether what stands before the ignoreKeyword on its line opens a comment.
bool isInComment(QByteArrayView lineStart)
{
    const auto text = lineStart.trimmed();
    for (const QByteArrayView opener : {"#", "//", "<!--", "/*", "*", "--", ";", "[//]: # ("}) {
        if (text.endsWith(opener))
            return true;
    }
    return false;
}

QString reasonIn(QByteArrayView rest)
{
    QString reason = QString::fromUtf8(rest).trimmed();
    for (const QString &closer : {u"-->"_s, u"*/"_s, u")"_s}) {
        if (reason.endsWith(closer))
            reason = reason.chopped(closer.size()).trimmed();
    }
    return reason.size() < 3 ? QString() : reason.left(300);
}

bool mayBeSilenced(const Finding &finding, Suppressions policy)
{
    switch (policy) {
    case Suppressions::Nothing: return false;
    case Suppressions::Everything: return true;
    case Suppressions::NotSecurityErrors: break;
    }
    return !(finding.severity == Severity::Error && isSecurityRule(finding.id));
}

} // namespace

QList<Suppression> suppressionsIn(const CheckedFile &file)
{
    QList<Suppression> found;
    if (file.text.kind() == SourceKind::Binary || file.text.kind() == SourceKind::Json)
        return found;
    const QByteArrayView text(file.text.raw());
    for (qsizetype at = 0; (at = text.indexOf(ignoreKeyword, at)) >= 0 && found.size() < 1000;) {
        const qsizetype line = text.first(at).lastIndexOf('\n') + 1;
        const qsizetype next = nextLine(text, at);
        const auto before = text.sliced(line, at - line);
        auto rest = text.sliced(at + ignoreKeyword.size(), next - at - ignoreKeyword.size());
        at = next;
        if (!isInComment(before))
            continue;
        Suppression suppression;
        if (rest.startsWith("-file")) {
            suppression.wholeFile = true;
            rest = rest.sliced(5);
        }
        const qsizetype colon = rest.indexOf(':');
        const auto names = colon < 0 ? rest : rest.first(colon);
        for (const QByteArray &name :
             names.toByteArray().replace(',', ' ').simplified().split(' ')) {
            const QString id = QString::fromUtf8(name).toUpper();
            if (findRule(id))
                suppression.rules += id;
        }
        suppression.reason = colon < 0 ? QString() : reasonIn(rest.sliced(colon + 1));
        suppression.line = file.text.range(line, line).line;
        suppression.nextLine = suppression.line + 1;
        qsizetype after = next;
        while (after < text.size()
               && text.sliced(after, nextLine(text, after) - after).trimmed().isEmpty()) {
            after = nextLine(text, after);
            ++suppression.nextLine;
        }
        found += suppression;
    }
    return found;
}

void SuppressionBook::add(const CheckedFile &file)
{
    if (QList<Suppression> found = suppressionsIn(file); !found.isEmpty())
        m_byFile.insert(file.path, std::move(found));
}

void SuppressionBook::apply(LintReport &report, Suppressions policy, LintProfile profile) const
{
    QHash<QString, QSet<qsizetype>> used;
    QList<Finding> left;
    for (const Finding &finding : std::as_const(report.findings)) {
        const QList<Suppression> &suppressions = m_byFile.value(finding.file);
        qsizetype by = -1;
        for (qsizetype i = 0; i < suppressions.size() && by < 0; ++i) {
            const Suppression &one = suppressions[i];
            const bool isPlace = one.wholeFile || finding.range.line == one.line
                || finding.range.line == one.nextLine;
            if (isPlace && !one.reason.isEmpty() && one.rules.contains(finding.id))
                by = i;
        }
        if (by >= 0)
            used[finding.file].insert(by);
        if (by >= 0 && mayBeSilenced(finding, policy))
            report.suppressed += SuppressedFinding{finding, suppressions[by].reason};
        else
            left += finding;
    }
    QList<RuleHit> hits;
    for (auto it = m_byFile.cbegin(); it != m_byFile.cend(); ++it) {
        for (qsizetype i = 0; i < it->size(); ++i) {
            const Suppression &one = it->at(i);
            const TextRange place{one.line, 1, one.line, 1};
            if (one.reason.isEmpty() || one.rules.isEmpty()) {
                hits += {Rule::SuppressionUnexplained,
                         one.rules.isEmpty() ? u"the comment names no rule"_s
                                             : u"the comment gives no reason"_s,
                         place,
                         u"Write `skillbox-ignore SBX-…: the reason`."_s,
                         it.key(),
                         {}};
            } else if (!used.value(it.key()).contains(i)) {
                hits += {Rule::SuppressionUnused,
                         u"the comment silences nothing"_s,
                         place,
                         u"Delete it."_s,
                         it.key(),
                         {}};
            }
        }
    }
    report.findings = left + findingsOf(hits, profile);
    sortFindings(report.findings);
}

} // namespace skillbox
