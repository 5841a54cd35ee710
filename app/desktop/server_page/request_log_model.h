#pragma once

#include "app/desktop/session/local_server_host.h"
#include "app/desktop/theme/theme.h"

#include <QAbstractTableModel>

namespace skillbox {

/// The latest requests to the local server, newest first.
class RequestLogModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Method, Path, Status, Took, Client, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;
    /// Oldest first, as they come.
    void append(const QList<ServedRequest> &requests);
    void clear();
    void setTheme(const Theme &theme);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    static constexpr qsizetype kept = 500;

private:
    QString text(const ServedRequest &request, int column) const;

    QList<ServedRequest> m_requests; ///< oldest first
    Theme m_theme;
};

/// What a client calls itself, for people.
QString clientTitle(const QString &userAgent);

} // namespace skillbox
