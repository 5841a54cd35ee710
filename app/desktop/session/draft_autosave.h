#pragma once

#include <QDateTime>
#include <QHash>
#include <QLockFile>
#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>
#include <memory>

namespace skillbox {

/// Text that was not saved when the program ended.
struct RecoveredDraft {
    QString project; ///< the skill's folder
    QString file;    ///< relative to it
    QByteArray content;
    QByteArray baseDigest; ///< of the file that it was changed from
    QDateTime at;
};

/// Keeps copies of unsaved text in a folder of this process, so that a crash or a kill loses a few
/// seconds at most. What other processes left that are dead now is offered once. Writing happens on
/// a worker. GUI thread.
class DraftAutosave : public QObject
{
    Q_OBJECT

public:
    /// `directory` is made when first needed, readable for its owner only.
    explicit DraftAutosave(QString directory, QObject *parent = nullptr);
    ~DraftAutosave() override;

    /// Takes over what dead processes left. `done` comes later, and only if there was any.
    void recover(QObject *receiver, std::function<void(QList<RecoveredDraft>)> done);

    void keep(const RecoveredDraft &draft);
    /// It was saved or given up.
    void drop(const QString &project, const QString &file);
    /// Waits until all is on disk.
    void flush();

private:
    bool claim();

    QString m_root;
    QString m_own; ///< folder of this process; empty: not claimed yet
    std::unique_ptr<QLockFile> m_lock;
    QThreadPool m_pool;
};

} // namespace skillbox
