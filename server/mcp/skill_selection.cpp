#include "server/mcp/skill_selection.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype maxPatterns = 50;
constexpr qsizetype maxPatternCharacters = 200;

Result<QList<QRegularExpression>> expressionsOf(const QStringList &globs)
{
    if (globs.size() > maxPatterns)
        return fail(ErrorCode::BadRequest, u"there are more than %1 patterns"_s.arg(maxPatterns));
    QList<QRegularExpression> expressions;
    for (const QString &glob : globs) {
        // A name has no slashes, so a star meets all of it.
        QRegularExpression expression(QRegularExpression::wildcardToRegularExpression(glob));
        if (glob.isEmpty() || glob.size() > maxPatternCharacters || !expression.isValid()) {
            return fail(ErrorCode::BadRequest,
                        u"'%1' is no pattern for skills; try 'report-*'"_s.arg(glob.left(80)));
        }
        expressions.append(std::move(expression));
    }
    return expressions;
}

bool matchesAny(const QList<QRegularExpression> &expressions, const QString &text)
{
    return std::any_of(expressions.begin(), expressions.end(),
                       [&](const QRegularExpression &expression) {
                           return expression.match(text).hasMatch();
                       });
}

} // namespace

Result<SkillSelection> SkillSelection::create(const Wanted &wanted)
{
    SkillSelection selection;
    auto include = expressionsOf(wanted.include);
    if (!include)
        return fail(include.error());
    auto exclude = expressionsOf(wanted.exclude);
    if (!exclude)
        return fail(exclude.error());
    selection.m_include = std::move(*include);
    selection.m_exclude = std::move(*exclude);
    selection.m_tags = wanted.tags;
    selection.m_tags.sort();
    selection.m_tags.removeDuplicates();
    if (selection.m_tags.size() > maxPatterns)
        return fail(ErrorCode::BadRequest, u"there are more than %1 tags"_s.arg(maxPatterns));
    return selection;
}

bool SkillSelection::has(const QString &skill) const
{
    return (m_include.isEmpty() || matchesAny(m_include, skill)) && !matchesAny(m_exclude, skill);
}

} // namespace skillbox
