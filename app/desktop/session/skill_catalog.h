#pragma once

#include "app/desktop/session/engine_thread.h"

#include <functional>

namespace skillbox {

/// A published skill with all a page shows of it.
struct SkillDetails {
    SkillVersionRecord record;
    QList<SkillVersionRecord> versions; ///< newest first, this one included
    QStringList files;
    QString directory; ///< its unpacked, read-only tree
};

/// The skills of the local store, for pages. GUI thread; answers come later, on it, unless the
/// receiver is gone.
class SkillCatalog : public QObject
{
    Q_OBJECT

public:
    explicit SkillCatalog(EngineThread &engine, QObject *parent = nullptr);

    template<typename T>
    using Answer = std::function<void(Result<T>)>;

    /// The newest row of each name; `query` as in SkillFilter.
    void list(QObject *receiver, const QString &query, Answer<QList<SkillVersionRecord>> done);
    void details(QObject *receiver, const QString &name, const QString &version,
                 Answer<SkillDetails> done);
    /// A folder or a zip.
    void publish(QObject *receiver, const QString &path, Answer<Published> done);
    void setYanked(QObject *receiver, const QString &name, const QString &version, bool yanked,
                   Answer<SkillVersionRecord> done);
    void remove(QObject *receiver, const QString &name, const QString &version, Answer<void> done);

Q_SIGNALS:
    /// Something was published, yanked or deleted, here or by another program on this machine.
    void changed();

private:
    EngineThread &m_engine;
};

} // namespace skillbox
