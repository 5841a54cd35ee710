#include "app/desktop/console/history_model.h"

#include "app/desktop/widgets/controls.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

bool isNewer(const ExecutionRecord &a, const ExecutionRecord &b)
{
    return a.createdAt != b.createdAt ? a.createdAt > b.createdAt : a.seq > b.seq;
}

} // namespace

HistoryModel::HistoryModel(QString person, QObject *parent)
    : QAbstractListModel(parent)
    , m_person(std::move(person))
{
}

void HistoryModel::clear()
{
    beginResetModel();
    m_records.clear();
    m_ids.clear();
    m_more = false;
    endResetModel();
}

void HistoryModel::merge(const QList<ExecutionRecord> &records)
{
    QList<ExecutionRecord> fresh;
    for (ExecutionRecord record : records) {
        if (!m_ids.contains(record.id.value)) {
            m_ids.insert(record.id.value);
            fresh.append(record);
            continue;
        }
        const int known = rowOf(record.id);
        ExecutionRecord &row = m_records[known];
        if (record.inputExcerpt.isEmpty()) // a whole record does not have it
            record.inputExcerpt = row.inputExcerpt;
        row = record;
        row.logs.clear();
        row.output = {};
        Q_EMIT dataChanged(index(known), index(known));
    }
    std::sort(fresh.begin(), fresh.end(), isNewer);
    // Neighbours come in together: a page of older ones is one change.
    for (qsizetype i = 0; i < fresh.size();) {
        const auto place = std::lower_bound(m_records.begin(), m_records.end(), fresh.at(i),
                                            isNewer);
        const auto row = static_cast<int>(place - m_records.begin());
        qsizetype end = i + 1;
        while (end < fresh.size() && (place == m_records.end() || isNewer(fresh.at(end), *place)))
            ++end;
        const auto count = static_cast<int>(end - i);
        beginInsertRows({}, row, row + count - 1);
        for (qsizetype at = 0; at < count; ++at) {
            ExecutionRecord record = fresh.at(i + at);
            if (record.inputExcerpt.isEmpty())
                record.inputExcerpt = QString::fromUtf8(record.input.bytes().left(240));
            record.logs.clear();
            record.output = {};
            m_records.insert(row + at, std::move(record));
        }
        endInsertRows();
        i = end;
    }
}

void HistoryModel::setPins(const QSet<QString> &pins)
{
    m_pins = pins;
    if (!m_records.isEmpty())
        Q_EMIT dataChanged(index(0), index(rowCount() - 1), {PinnedRole});
}

int HistoryModel::rowOf(const ExecutionId &id) const
{
    for (int row = 0; row < m_records.size(); ++row) {
        if (m_records.at(row).id == id)
            return row;
    }
    return -1;
}

RunSource HistoryModel::sourceOf(const ExecutionRecord &record) const
{
    return record.caller == m_person ? RunSource::Person : RunSource::Agent;
}

QList<ExecutionId> HistoryModel::unfinished() const
{
    QList<ExecutionId> ids;
    for (const ExecutionRecord &record : m_records) {
        if (!isFinal(record.status))
            ids.append(record.id);
    }
    return ids;
}

int HistoryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_records.size());
}

QVariant HistoryModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_records.size())
        return {};
    const ExecutionRecord &record = m_records.at(index.row());
    const bool isAgent = sourceOf(record) == RunSource::Agent;
    switch (role) {
    case Qt::DisplayRole:
    case SkillRole: return record.skillName;
    case IdRole: return record.id.value;
    case StatusRole: return static_cast<int>(record.status);
    case VersionRole: return record.skillVersion;
    case InputRole: return record.inputExcerpt;
    case CreatedRole: return record.createdAt;
    case DurationRole: return isFinal(record.status) ? record.durationMs : qint64(-1);
    case SourceRole: return static_cast<int>(sourceOf(record));
    case CallerRole: return record.caller;
    case PinnedRole: return m_pins.contains(record.id.value);
    case SearchRole:
        return QString(record.skillName + u'\n' + record.inputExcerpt + u'\n' + record.error + u'\n'
                       + record.id.value + u'\n' + record.reason);
    case Qt::AccessibleTextRole:
        return tr("%1 %2, %3, %4, %5")
            .arg(record.skillName, record.skillVersion, statusTitle(record.status),
                 shortMoment(record.createdAt), isAgent ? tr("by an agent") : tr("by you"));
    case Qt::ToolTipRole: {
        QStringList lines{u"%1 %2"_s.arg(record.skillName, record.skillVersion),
                          statusTitle(record.status)};
        if (!record.error.isEmpty())
            lines += record.error.left(300);
        lines += tr("Asked for by %1").arg(record.caller);
        lines += QLocale().toString(record.createdAt.toLocalTime(), QLocale::LongFormat);
        return plainToolTip(lines.join(u'\n'));
    }
    default: return {};
    }
}

bool HistoryModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && m_more;
}

void HistoryModel::fetchMore(const QModelIndex &)
{
    if (std::exchange(m_more, false)) // once a question
        Q_EMIT olderWanted();
}

void HistoryFilter::setShow(Show show)
{
    m_show = show;
    invalidateFilter();
}

void HistoryFilter::setSource(std::optional<RunSource> source)
{
    m_source = source;
    invalidateFilter();
}

void HistoryFilter::setText(const QString &text)
{
    m_text = text.trimmed();
    invalidateFilter();
}

bool HistoryFilter::isActive() const
{
    return m_show != Show::All || m_source || !m_text.isEmpty();
}

bool HistoryFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const QModelIndex index = sourceModel()->index(row, 0, parent);
    if (m_source && index.data(HistoryModel::SourceRole).toInt() != static_cast<int>(*m_source))
        return false;
    const auto status = static_cast<ExecutionStatus>(index.data(HistoryModel::StatusRole).toInt());
    switch (m_show) {
    case Show::All: break;
    case Show::Running:
        if (isFinal(status))
            return false;
        break;
    case Show::Success:
        if (status != ExecutionStatus::Success)
            return false;
        break;
    case Show::Failed:
        if (!isFinal(status) || status == ExecutionStatus::Success)
            return false;
        break;
    case Show::Pinned:
        if (!index.data(HistoryModel::PinnedRole).toBool())
            return false;
        break;
    }
    return m_text.isEmpty()
        || index.data(HistoryModel::SearchRole).toString().contains(m_text, Qt::CaseInsensitive);
}

QString shortDuration(qint64 milliseconds)
{
    if (milliseconds < 0)
        return {};
    if (milliseconds < 1000)
        return u"%1 ms"_s.arg(milliseconds);
    if (milliseconds < 60'000)
        return u"%1 s"_s.arg(static_cast<double>(milliseconds) / 1000, 0, 'f', 1);
    const qint64 seconds = milliseconds / 1000;
    return seconds < 3600 ? u"%1 min %2 s"_s.arg(seconds / 60).arg(seconds % 60)
                          : u"%1 h %2 min"_s.arg(seconds / 3600).arg(seconds / 60 % 60);
}

QString shortMoment(const QDateTime &moment)
{
    const QDateTime local = moment.toLocalTime();
    return local.date() == QDate::currentDate() ? local.time().toString(u"HH:mm:ss"_s)
                                                : local.toString(u"yyyy-MM-dd HH:mm"_s);
}

QString statusTitle(ExecutionStatus status)
{
    const auto tr = [](const char *text) { return QCoreApplication::translate("RunStatus", text); };
    switch (status) {
    case ExecutionStatus::Queued: return tr("Waiting");
    case ExecutionStatus::Running: return tr("Running");
    case ExecutionStatus::Success: return tr("Success");
    case ExecutionStatus::Failed: return tr("Failed");
    case ExecutionStatus::Timeout: return tr("Timed out");
    case ExecutionStatus::Cancelled: break;
    }
    return tr("Cancelled");
}

} // namespace skillbox
