#include "app/cli/install/skill_offers.h"

#include "engine/engine_config.h"
#include "engine/skill/manifest.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// How deep skills are looked for below a folder, and how many folders are looked into.
constexpr int deepestSkill = 5;
constexpr int mostFolders = 5000;

bool hasManifest(const QString &folder)
{
    return QFileInfo(folder + u"/SKILL.md"_s).isFile()
        || QFileInfo(folder + u"/skill.md"_s).isFile();
}

/// The folders of skills at or below `folder`, relative to it; a skill holds no other one.
QStringList skillFolders(const QString &folder)
{
    if (hasManifest(folder))
        return {QString()};
    QStringList found;
    QStringList waiting{QString()};
    for (int looked = 0; !waiting.isEmpty() && looked < mostFolders; ++looked) {
        const QString relative = waiting.takeFirst();
        // Hidden ones too: .agents and .claude are where skills are.
        const QStringList names = QDir(folder + u'/' + relative)
                                      .entryList(QDir::Dirs | QDir::Hidden | QDir::NoSymLinks
                                                     | QDir::NoDotAndDotDot,
                                                 QDir::Name);
        for (const QString &name : names) {
            if (name == u".git" || name == u"node_modules")
                continue;
            const QString below = relative.isEmpty() ? name : relative + u'/' + name;
            if (hasManifest(folder + u'/' + below))
                found += below;
            else if (below.count(u'/') + 1 < deepestSkill)
                waiting += below;
        }
    }
    return found;
}

QString manifestNameIn(const QString &folder)
{
    for (const QString &name : {u"SKILL.md"_s, u"skill.md"_s}) {
        QFile file(folder + u'/' + name);
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const ParsedManifest parsed = parseManifest(file.read(maxManifestBytes + 1));
        if (parsed.manifest && !parsed.manifest->name.isEmpty())
            return parsed.manifest->name;
        break;
    }
    return QFileInfo(folder).fileName(); // what is wrong with it is said when it is checked
}

Result<QList<SkillOffer>> offersOfArchive(const InstallSource &source)
{
    SkillOffer offer{.name = {}, .source = source, .fetch = {}};
    offer.fetch = [path = source.location](const QString &target) -> Result<void> {
        QFile file(path);
        if (!file.copy(target))
            return fail(ErrorCode::Io, u"cannot read '%1': %2"_s.arg(path, file.errorString()));
        return {};
    };
    return QList<SkillOffer>{std::move(offer)};
}

} // namespace

Result<QList<SkillOffer>> offersOfFolder(const InstallSource &source, const QString &directory,
                                         const ArchiveLimits &limits)
{
    QString folder = directory;
    if (!source.path.isEmpty())
        folder += u'/' + source.path;
    // A link in somebody's repository must not lead to a folder of this machine.
    const QString root = QFileInfo(directory).canonicalFilePath();
    const QString real = QFileInfo(folder).canonicalFilePath();
    if (real.isEmpty() || (real != root && !real.startsWith(root + u'/'))) {
        return fail(ErrorCode::NotFound,
                    u"there is no folder '%1' in %2"_s.arg(source.path, source.location));
    }
    QList<SkillOffer> offers;
    for (const QString &below : skillFolders(real)) {
        const QString path = below.isEmpty() ? real : real + u'/' + below;
        SkillOffer offer{.name = manifestNameIn(path), .source = source, .fetch = {}};
        offer.source
            .path = QStringList({source.path, below}).filter(QRegularExpression(u"."_s)).join(u'/');
        offer.fetch = [path, limits](const QString &target) -> Result<void> {
            const auto packed = packDirectory(path, target, limits);
            return packed ? Result<void>() : fail(packed.error());
        };
        offers += std::move(offer);
    }
    if (offers.isEmpty())
        return fail(ErrorCode::NotFound, u"there is no skill in %1"_s.arg(toText(source)));
    return offers;
}

Result<QList<SkillOffer>> offersOf(CliContext &context, const InstallSource &source,
                                   const QString &scratch)
{
    const auto config = context.engineConfig();
    if (!config)
        return fail(config.error());
    const ArchiveLimits limits = config->archiveLimits;
    switch (source.kind) {
    case InstallSource::Kind::Folder: return offersOfFolder(source, source.location, limits);
    case InstallSource::Kind::Archive: return offersOfArchive(source);
    case InstallSource::Kind::Git:
        return offersOfGit(source, scratch, limits, context.environment());
    case InstallSource::Kind::Index:
        return offersOfIndex(source, context.environment().value(u"SKILLBOX_CA_FILE"_s), limits);
    case InstallSource::Kind::Server: break;
    }
    return offersOfServer(context, source);
}

} // namespace skillbox
