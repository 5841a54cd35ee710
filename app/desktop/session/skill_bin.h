#pragma once

#include "app/desktop/session/engine_thread.h"

#include <QTemporaryDir>

namespace skillbox {

class SkillCatalog;

/// A version that was deleted, and what it takes to bring it back.
struct DeletedSkill {
    SkillVersionRecord record;
    QStringList tags;
    QString archive; ///< a copy of its zip
};

/// Deletes versions of this machine's store so that it can be undone until the program ends. GUI
/// thread; answers come later, on it, unless the receiver is gone.
class SkillBin : public QObject
{
    Q_OBJECT

public:
    SkillBin(EngineThread &engine, SkillCatalog &skills, QObject *parent = nullptr);

    template<typename T>
    using Answer = std::function<void(Result<T>)>;

    /// An empty version: every version of the skill. Nothing is deleted before all is copied.
    void remove(QObject *receiver, const QList<std::pair<QString, QString>> &versions,
                Answer<QList<DeletedSkill>> done);
    /// Publishes them again, with their tags and yanks.
    void restore(QObject *receiver, const QList<DeletedSkill> &skills, Answer<void> done);
    /// Takes exact versions out of use, or brings them back; those that changed.
    void setYanked(QObject *receiver, const QList<std::pair<QString, QString>> &versions,
                   bool yanked, Answer<QList<std::pair<QString, QString>>> done);

private:
    EngineThread &m_engine;
    SkillCatalog &m_skills;
    std::shared_ptr<QTemporaryDir> m_kept; ///< shared with work under way
};

} // namespace skillbox
