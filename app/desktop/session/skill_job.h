#pragma once

#include "engine/base/result.h"

#include <QList>
#include <QObject>

#include <optional>
#include <stop_token>

namespace skillbox {

/// One thing of a job: a version to copy, a folder or zip to import.
struct JobItem {
    enum class State { Waiting, Working, Done, AlreadyThere, Conflict, Failed, Cancelled };

    QString name;    ///< of the skill; empty while an import does not know it
    QString version; ///< empty: the latest
    QString path = {}; ///< Import: what to read; Export: what was written
    State state = State::Waiting;
    QString digest = {};      ///< of the source
    QString otherDigest = {}; ///< of the target's version where they conflict
    Error error = {};         ///< of Conflict and Failed

    /// It was not done, and trying again may help.
    bool isOpen() const
    {
        return state == State::Waiting || state == State::Failed || state == State::Cancelled;
    }
};

/// A piece of long work on skills and how it stands. GUI thread; SkillTransfers carries it out.
class SkillJob : public QObject
{
    Q_OBJECT

public:
    enum class Kind {
        Import,  ///< folders and zips into this machine's store
        Publish, ///< from this machine to a server
        Pull,    ///< from a server to this machine
        Export,  ///< archives into a folder
    };

    SkillJob(Kind kind, QString place, QList<JobItem> items, QObject *parent = nullptr);

    Kind kind() const { return m_kind; }
    /// The server's name, or the folder of an export.
    const QString &place() const { return m_place; }
    const QList<JobItem> &items() const { return m_items; }
    int count(JobItem::State state) const;
    bool isRunning() const { return m_running; }
    /// Of all items together, from 0 to 1.
    double progress() const;
    /// The one that is worked on; -1: none.
    int current() const { return m_current; }
    /// Something was not done, or is in conflict.
    bool hasProblems() const;

    /// What is done stays done; what is under way ends soon.
    void cancel() { m_stop.request_stop(); }

Q_SIGNALS:
    /// The state of an item, or the progress, is another.
    void changed();
    void finished();

private:
    friend class SkillTransfers;
    void begin();
    void replaceItems(QList<JobItem> items);
    void setCurrent(int index);
    void setProgress(double part);
    void setItem(int index, const JobItem &item);
    void end();

    const Kind m_kind;
    const QString m_place;
    QList<JobItem> m_items;
    std::stop_source m_stop;
    int m_current = -1;
    double m_part = 0; ///< of the current item
    bool m_running = false;
};

} // namespace skillbox
