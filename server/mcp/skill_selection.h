#pragma once

#include "engine/base/result.h"

#include <QList>
#include <QRegularExpression>
#include <QStringList>

namespace skillbox {

/// Which skills a client sees.
class SkillSelection
{
public:
    struct Wanted {
        QStringList include = {}; ///< globs (`*`, `?`, `[…]`) over names; empty: all
        QStringList exclude = {}; ///< win over `include`
        QStringList tags = {};    ///< see Catalog; empty: all
    };
    /// BadRequest for a pattern that is none, or too many or too long ones.
    static Result<SkillSelection> create(const Wanted &wanted);
    SkillSelection() = default; ///< all

    bool has(const QString &skill) const;
    const QStringList &tags() const { return m_tags; } ///< sorted, each once

private:
    QList<QRegularExpression> m_include;
    QList<QRegularExpression> m_exclude;
    QStringList m_tags;
};

} // namespace skillbox
