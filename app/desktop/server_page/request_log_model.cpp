#include "app/desktop/server_page/request_log_model.h"

#include "app/desktop/widgets/controls.h"

#include <QLocale>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

QString clientTitle(const QString &userAgent)
{
    return userAgent.isEmpty() ? RequestLogModel::tr("no name") : userAgent;
}

void RequestLogModel::append(const QList<ServedRequest> &requests)
{
    const QList<ServedRequest> fresh = requests.mid(std::max<qsizetype>(0, requests.size() - kept));
    if (fresh.isEmpty())
        return;
    const qsizetype over = m_requests.size() + fresh.size() - kept;
    if (over > 0) {
        const int last = static_cast<int>(m_requests.size()) - 1;
        beginRemoveRows({}, last - static_cast<int>(over) + 1, last);
        m_requests.remove(0, over);
        endRemoveRows();
    }
    beginInsertRows({}, 0, static_cast<int>(fresh.size()) - 1);
    m_requests += fresh;
    endInsertRows();
}

void RequestLogModel::clear()
{
    beginResetModel();
    m_requests.clear();
    endResetModel();
}

void RequestLogModel::setTheme(const Theme &theme)
{
    m_theme = theme;
    if (!m_requests.isEmpty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int RequestLogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_requests.size());
}

int RequestLogModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString RequestLogModel::text(const ServedRequest &request, int column) const
{
    switch (column) {
    case Time: return QLocale::c().toString(request.at.time(), u"HH:mm:ss"_s);
    case Method: return request.method.isEmpty() ? u"–"_s : request.method;
    case Path: return request.path;
    case Status: return QString::number(request.status);
    case Took:
        return tr("%1 ms").arg(static_cast<double>(request.duration.count()) / 1000, 0, 'f',
                               request.duration.count() < 10'000 ? 1 : 0);
    case Client: return clientTitle(request.client);
    default: return {};
    }
}

QVariant RequestLogModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_requests.size())
        return {};
    const ServedRequest &request = m_requests.at(m_requests.size() - 1 - index.row());
    switch (role) {
    case Qt::DisplayRole: return text(request, index.column());
    case Qt::ToolTipRole: return plainToolTip(text(request, index.column()));
    case Qt::TextAlignmentRole:
        return index.column() == Took || index.column() == Status
            ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
            : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ForegroundRole:
        if (m_theme.id().isEmpty())
            return {};
        if (index.column() == Status) {
            return m_theme.color(request.status >= 500       ? ColorRole::Error
                                     : request.status >= 400 ? ColorRole::Warning
                                                             : ColorRole::Success);
        }
        if (index.column() == Time || index.column() == Client)
            return m_theme.color(ColorRole::Muted);
        return {};
    default: return {};
    }
}

QVariant RequestLogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return section == Took || section == Status ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                                    : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Time: return tr("Time");
    case Method: return tr("Method");
    case Path: return tr("Path");
    case Status: return tr("Status");
    case Took: return tr("Took");
    case Client: return tr("Client");
    default: return {};
    }
}

} // namespace skillbox
