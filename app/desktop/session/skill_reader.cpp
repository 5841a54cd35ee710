#include "app/desktop/session/skill_reader.h"

#include "engine/registry/latest.h"

#include <QFile>

#include <algorithm>
#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The longest text that is compared.
constexpr qint64 mostCompared = 1 << 20;

/// The version to take where none is named: the latest, or the highest of those that are yanked.
Result<QString> versionToShow(const QList<SkillVersionRecord> &versions, const QString &name)
{
    QStringList available;
    QStringList all;
    for (const SkillVersionRecord &row : versions) {
        all.append(row.version);
        if (!row.yankedAt.isValid())
            available.append(row.version);
    }
    if (all.isEmpty())
        return fail(ErrorCode::NotFound, u"there is no skill %1 any more"_s.arg(name));
    return latestOf(available.isEmpty() ? all : available);
}

Result<SkillDescription> describeAt(SkillStore &store, SkillAddress address)
{
    auto versions = store.versions(address.name, {});
    if (!versions)
        return fail(versions.error());
    if (address.version.isEmpty()) {
        const auto version = versionToShow(*versions, address.name);
        if (!version)
            return fail(version.error());
        address.version = *version;
    }
    auto record = store.find(address.name, address.version);
    if (!record)
        return fail(record.error());
    if (!*record) {
        return fail(ErrorCode::NotFound,
                    u"there is no %1 %2 any more"_s.arg(address.name, address.version));
    }
    return SkillDescription{address, std::move(**record), std::move(*versions)};
}

Result<QString> readText(const QString &path)
{
    if (path.isEmpty())
        return QString();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::Io, u"cannot read \"%1\": %2"_s.arg(path, file.errorString()));
    return QString::fromUtf8(file.read(mostCompared));
}

} // namespace

/// Trees of servers, by content digest.
struct SkillReader::Trees {
    std::mutex mutex; ///< guards cache; the cache itself is thread-safe
    QTemporaryDir folder;
    std::unique_ptr<SkillCache> cache;

    Result<SkillCache *> open()
    {
        const std::lock_guard lock(mutex);
        if (!cache) {
            auto opened = SkillCache::open(folder.filePath(u"trees"_s));
            if (!opened)
                return fail(opened.error());
            cache = std::move(*opened);
        }
        return cache.get();
    }

    Result<SkillTree> fetch(RemoteServer &server, const SkillVersionRecord &record)
    {
        const auto trees = open();
        if (!trees)
            return fail(trees.error());
        const ArchiveLimits limits;
        QTemporaryDir scratch;
        const QString archive = scratch.filePath(u"skill.zip"_s);
        QFile file(archive);
        if (!file.open(QIODevice::WriteOnly)) {
            return fail(ErrorCode::Io,
                        u"cannot make a temporary file: %1"_s.arg(file.errorString()));
        }
        const auto read = server.registry.read(
            record, [&](QByteArrayView bytes) -> Result<void> {
                if (file.size() + bytes.size() > limits.archiveBytes) {
                    return fail(ErrorCode::TooLarge,
                                u"the archive of %1 %2 is larger than archives may be"_s.arg(
                                    record.name, record.version));
                }
                if (file.write(bytes.data(), bytes.size()) != bytes.size())
                    return fail(ErrorCode::Io, file.errorString());
                return {};
            });
        if (!read)
            return fail(read.error());
        file.close();
        auto staged = (*trees)->stageArchive(archive, limits);
        if (!staged)
            return fail(staged.error());
        if (staged->content.digest != record.digest) {
            return fail(ErrorCode::StorageCorrupt,
                        u"the archive of %1 %2 from %3 is not what its record says: its content has"
                        u" the digest %4"_s.arg(record.name, record.version,
                                                server.registry.label(), staged->content.digest));
        }
        SkillTree tree{{}, staged->content.files};
        auto directory = (*trees)->keep(std::move(*staged));
        if (!directory)
            return fail(directory.error());
        tree.directory = *directory;
        return tree;
    }
};

SkillReader::SkillReader(EngineThread &engine, RemoteServers &servers, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_servers(servers)
    , m_trees(std::make_shared<Trees>())
{
}

SkillReader::~SkillReader() = default;

void SkillReader::describe(QObject *receiver, const SkillAddress &address,
                           Answer<SkillDescription> done)
{
    if (address.source.isEmpty()) {
        m_engine.ask(
            receiver,
            [address](Engine &engine) {
                LocalSkillStore store(engine.registry(), localTenant(), {});
                return describeAt(store, address);
            },
            std::move(done));
        return;
    }
    m_servers.ask(
        receiver, address.source,
        [address](RemoteServer &server) { return describeAt(server.registry, address); },
        std::move(done));
}

void SkillReader::tree(QObject *receiver, const SkillDescription &skill, Answer<SkillTree> done)
{
    if (skill.address.source.isEmpty()) {
        m_engine.ask(
            receiver,
            [record = skill.record](Engine &engine) { return engine.registry().openTree(record); },
            std::move(done));
        return;
    }
    m_servers.ask(
        receiver, skill.address.source,
        [trees = m_trees, record = skill.record](RemoteServer &server) {
            return trees->fetch(server, record);
        },
        std::move(done));
}

void SkillReader::compare(QObject *receiver, const SkillTree &left, const SkillTree &right,
                          Answer<QList<ComparedFile>> done)
{
    m_engine.ask(
        receiver,
        [left, right](Engine &) -> Result<QList<ComparedFile>> {
            const auto files = diffSkillTrees(left, right);
            if (!files)
                return fail(files.error());
            QList<ComparedFile> compared;
            for (const FileDiff &file : *files) {
                ComparedFile one{.path = file.path, .change = file.change, .binary = file.binary};
                if (file.change != FileChange::Added)
                    one.left = left.directory + u'/' + file.path;
                if (file.change != FileChange::Removed)
                    one.right = right.directory + u'/' + file.path;
                compared.append(one);
            }
            std::stable_partition(compared.begin(), compared.end(), [](const ComparedFile &file) {
                return file.change != FileChange::Unchanged;
            });
            return compared;
        },
        std::move(done));
}

void SkillReader::readPair(QObject *receiver, const ComparedFile &file,
                           Answer<std::pair<QString, QString>> done)
{
    m_engine.ask(
        receiver,
        [file](Engine &) -> Result<std::pair<QString, QString>> {
            const auto left = readText(file.left);
            if (!left)
                return fail(left.error());
            const auto right = readText(file.right);
            if (!right)
                return fail(right.error());
            return std::pair(*left, *right);
        },
        std::move(done));
}

} // namespace skillbox
