#pragma once

#include "engine/registry/registry.h"
#include "engine/registry/tool_description.h"

#include <QHash>

#include <memory>
#include <vector>

namespace skillbox {

/// A skill as clients of the protocol see it. The texts in JSON are made once, since lists are
/// asked for often.
struct CatalogSkill {
    ToolDescription tool; ///< its name is the prompt's, too
    bool isTool = false;
    bool declaresInput = false; ///< it has schemas/input.json
    QList<PackedFile> files;    ///< without sha256
    QByteArray toolJson;        ///< empty: no tool
    QByteArray resourceJson;    ///< of its SKILL.md
    QByteArray promptJson;
};

/// The newest version of each skill of a tenant at one moment, by name. With tags: of the skills
/// that have one of them the version it is on, or the newest of those whose manifest says
/// `metadata: {tags: "…"}`. Immutable.
class Catalog
{
public:
    /// What `before` knows already is not read again; it may be null.
    static Result<std::shared_ptr<const Catalog>> read(Registry &registry, const TenantId &tenant,
                                                       const QStringList &tags,
                                                       const Catalog *before);

    const std::vector<std::shared_ptr<const CatalogSkill>> &skills() const { return m_skills; }
    /// By the skill's name; null: there is none.
    const CatalogSkill *skill(const QString &name) const;
    /// By the tool's or prompt's name.
    const CatalogSkill *named(const QString &toolName) const;

private:
    std::vector<std::shared_ptr<const CatalogSkill>> m_skills;
    QHash<QString, std::shared_ptr<const CatalogSkill>> m_bySkill;
    QHash<QString, std::shared_ptr<const CatalogSkill>> m_byTool;
};

} // namespace skillbox
