#include "server/mcp/skill_progress.h"

#include <cmath>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto prefix = "::progress "_L1;
constexpr qsizetype longestMessage = 500;

std::optional<double> amount(QStringView text)
{
    bool isNumber = false;
    const double value = text.toDouble(&isNumber);
    // NaN and infinities are no JSON; beyond 1e15 steps of one are lost.
    if (!isNumber || !std::isfinite(value) || value < 0 || value > 1e15)
        return std::nullopt;
    return value;
}

} // namespace

std::optional<SkillProgress> parseProgressLine(QStringView line)
{
    line = line.trimmed();
    if (!line.startsWith(prefix))
        return std::nullopt;
    line = line.sliced(prefix.size()).trimmed();
    const qsizetype space = line.indexOf(u' ');
    QStringView numbers = space < 0 ? line : line.first(space);
    SkillProgress progress;
    if (space >= 0)
        progress.message = line.sliced(space).trimmed().left(longestMessage).toString();
    const qsizetype slash = numbers.indexOf(u'/');
    if (numbers.endsWith(u'%')) {
        numbers.chop(1);
        progress.total = 100;
    } else if (slash >= 0) {
        const auto total = amount(numbers.sliced(slash + 1));
        if (!total)
            return std::nullopt;
        progress.total = *total;
        numbers = numbers.first(slash);
    }
    const auto value = amount(numbers);
    if (!value)
        return std::nullopt;
    progress.value = *value;
    return progress;
}

} // namespace skillbox
