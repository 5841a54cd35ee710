#include "engine/skill/checker/check_state.h"

namespace skillbox {
namespace {

constexpr qsizetype maxPerRuleAndFile = 20;

/// Messages quote what skills hold; control characters in them could write to a terminal or a log.
QString harmless(QString message)
{
    for (QChar &c : message) {
        if (c.category() == QChar::Other_Control)
            c = QChar::ReplacementCharacter;
    }
    return message;
}

} // namespace

void CheckState::add(Rule rule, const CheckedFile &file, qsizetype start, qsizetype end,
                     QString message, QString hint, std::optional<Fix> fix)
{
    QSet<int> &lines = m_lines[{static_cast<int>(rule), file.path}];
    if (lines.size() >= maxPerRuleAndFile)
        return;
    const TextRange range = file.text.range(start, end);
    if (lines.contains(range.line))
        return;
    lines.insert(range.line);
    hits += {rule, harmless(std::move(message)), range, std::move(hint), file.path, std::move(fix)};
}

void CheckState::addFile(Rule rule, const QString &path, QString message, QString hint)
{
    m_lines[{static_cast<int>(rule), path}].insert(0);
    hits += {rule, harmless(std::move(message)), {}, std::move(hint), path, {}};
}

bool CheckState::has(Rule rule, const QString &path) const
{
    return m_lines.contains({static_cast<int>(rule), path});
}

} // namespace skillbox
