#include "engine/skill/entrypoint.h"

#include "engine/skill/path_rules.h"

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr std::array<const char *, 8> defaultNames{
    "main.py", "run.py", "main.js", "run.js", "index.js", "main.mjs", "main.sh", "run.sh",
};

/// The first default script in the contract's order that `accept` takes.
template<typename Accept>
QString firstDefault(const QStringList &files, Accept accept)
{
    for (const QLatin1StringView folder : {QLatin1StringView(), QLatin1StringView("scripts/")}) {
        for (const char *name : defaultNames) {
            const QString path = folder + QLatin1StringView(name);
            if (files.contains(path) && accept(path))
                return path;
        }
    }
    return {};
}

} // namespace

Result<std::optional<Entrypoint>> findEntrypoint(const Manifest &manifest, const QStringList &files)
{
    if (!manifest.entrypoint.isEmpty()) {
        const QString &path = manifest.entrypoint;
        if (!files.contains(path)) {
            return fail(
                ErrorCode::InvalidSkill,
                u"the entrypoint \"%1\" that SKILL.md declares is not among the skill's files"_s
                    .arg(path));
        }
        const auto language = manifest.language ? manifest.language : languageOfScript(path);
        if (!language) {
            return fail(ErrorCode::InvalidSkill,
                        u"no interpreter is known for the entrypoint \"%1\"; set lang to python, "
                        "node or bash"_s.arg(path));
        }
        return std::optional(Entrypoint{path, *language});
    }

    QString path;
    if (manifest.language) {
        // A folder with main.py and main.js and `lang: node` means the latter.
        path = firstDefault(files, [&manifest](const QString &candidate) {
            return languageOfScript(candidate) == manifest.language;
        });
    }
    if (path.isEmpty())
        path = firstDefault(files, [](const QString &) { return true; });
    if (path.isEmpty())
        return std::optional<Entrypoint>();
    return std::optional(Entrypoint{
        path, manifest.language.value_or(languageOfScript(path).value_or(Language::Bash))});
}

Result<Entrypoint> namedEntrypoint(const Manifest &manifest, const QStringList &files,
                                   const QString &path)
{
    const auto checked = checkedPath(path.toUtf8());
    const QString clean = checked ? QString::fromUtf8(*checked) : QString();
    if (!files.contains(clean)) {
        return fail(ErrorCode::NotFound,
                    u"the skill %1 has no file \"%2\""_s.arg(manifest.name, path.left(200)));
    }
    // Other scripts of a skill may be in another language than its default one.
    const auto byExtension = languageOfScript(clean);
    const auto language = byExtension ? byExtension : manifest.language;
    if (!language) {
        return fail(
            ErrorCode::BadRequest,
            u"no interpreter is known for \"%1\"; name a .py, .js, .mjs, .cjs, .sh or .bash "
            "file"_s.arg(clean));
    }
    return Entrypoint{clean, *language};
}

SkillMode effectiveMode(const Manifest &manifest, const std::optional<Entrypoint> &entrypoint)
{
    if (manifest.mode)
        return *manifest.mode;
    return entrypoint ? SkillMode::Executable : SkillMode::Cognitive;
}

} // namespace skillbox
