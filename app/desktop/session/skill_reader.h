#pragma once

#include "app/desktop/session/engine_thread.h"
#include "app/desktop/session/remote_servers.h"
#include "engine/remote/local_skill_store.h"

#include <QTemporaryDir>

namespace skillbox {

/// Which version of which skill where.
struct SkillAddress {
    QString source; ///< empty: this machine; else a server's name
    QString name;
    QString version; ///< empty: the latest; where all are yanked, the highest
    friend bool operator==(const SkillAddress &a, const SkillAddress &b)
    {
        return a.source == b.source && a.name == b.name && a.version == b.version;
    }
};

/// A version and its siblings at the same place.
struct SkillDescription {
    SkillAddress address; ///< with its version
    SkillVersionRecord record;
    QList<SkillVersionRecord> versions; ///< highest first, this one included; without texts
};

/// One file of either side of a comparison; an empty path: it is not there.
struct ComparedFile {
    QString path;
    FileChange change = FileChange::Unchanged;
    bool binary = false;
    QString left = {}; ///< where it lies on this machine
    QString right = {};
};

/// Reads skills of this machine and of servers for pages. A server's archive is fetched once, checked
/// and unpacked under the rules for archives into a temporary folder. GUI thread; answers come later,
/// on it, unless the receiver is gone.
class SkillReader : public QObject
{
    Q_OBJECT

public:
    SkillReader(EngineThread &engine, RemoteServers &servers, QObject *parent = nullptr);
    ~SkillReader() override;

    template<typename T>
    using Answer = std::function<void(Result<T>)>;

    void describe(QObject *receiver, const SkillAddress &address, Answer<SkillDescription> done);
    /// Its unpacked files; never write there.
    void tree(QObject *receiver, const SkillDescription &skill, Answer<SkillTree> done);
    /// Files that differ first, then the others, each by path.
    void compare(QObject *receiver, const SkillTree &left, const SkillTree &right,
                 Answer<QList<ComparedFile>> done);
    /// The texts of a pair of files, cut where they are long.
    void readPair(QObject *receiver, const ComparedFile &file,
                  Answer<std::pair<QString, QString>> done);

private:
    struct Trees;
    EngineThread &m_engine;
    RemoteServers &m_servers;
    std::shared_ptr<Trees> m_trees; ///< shared with work under way
};

} // namespace skillbox
