#pragma once

#include "engine/storage/records.h"

#include <QAbstractListModel>
#include <QSet>
#include <QSortFilterProxyModel>

namespace skillbox {

/// Who asked for a run.
enum class RunSource { Person, Agent };

/// The runs that are known, newest first. Older ones come when they are scrolled to.
class HistoryModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        IdRole = Qt::UserRole + 1,
        StatusRole, ///< int of ExecutionStatus
        SkillRole,
        VersionRole,
        InputRole,
        CreatedRole,
        DurationRole, ///< ms; negative: not over
        SourceRole,   ///< int of RunSource
        CallerRole,
        PinnedRole,
        SearchRole ///< what a text filter looks at
    };

    /// `person`: how this person's own runs are signed.
    explicit HistoryModel(QString person, QObject *parent = nullptr);

    void clear();
    /// Adds what is not known and updates what is, each in its place.
    void merge(const QList<ExecutionRecord> &records);
    void setPins(const QSet<QString> &pins);
    /// Whether older ones exist in the store.
    void setMore(bool more) { m_more = more; }
    const ExecutionRecord &record(int row) const { return m_records.at(row); }
    int rowOf(const ExecutionId &id) const;
    RunSource sourceOf(const ExecutionRecord &record) const;
    /// Those that were not over when they were last seen.
    QList<ExecutionId> unfinished() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

Q_SIGNALS:
    void olderWanted();

private:
    const QString m_person;
    QList<ExecutionRecord> m_records;
    QSet<QString> m_ids;
    QSet<QString> m_pins;
    bool m_more = false;
};

/// The part of the history that one wants to see.
class HistoryFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    enum class Show { All, Running, Success, Failed, Pinned };
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setShow(Show show);
    void setSource(std::optional<RunSource> source);
    /// Letters of the skill's name, the input, the error or the id.
    void setText(const QString &text);
    bool isActive() const;

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    Show m_show = Show::All;
    std::optional<RunSource> m_source;
    QString m_text;
};

/// `1.2 s`, `340 ms`, `2 min 3 s`.
QString shortDuration(qint64 milliseconds);
/// The time of today, else the date and time.
QString shortMoment(const QDateTime &moment);
QString statusTitle(ExecutionStatus status);

} // namespace skillbox
