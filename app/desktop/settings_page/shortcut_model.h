#pragma once

#include "app/desktop/shell/command_registry.h"

#include <QAbstractTableModel>

namespace skillbox {

/// Every command with its shortcut, sorted by group and title.
class ShortcutModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Title, Keys, Origin, ColumnCount };
    enum Role { IdRole = Qt::UserRole + 1, FilterRole };

    explicit ShortcutModel(CommandRegistry &commands, QObject *parent = nullptr);
    int rowOf(const QString &id) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Row {
        QString id;
        QString title;
        QString keys;
        bool own = false; ///< not the one it comes with
        friend bool operator==(const Row &, const Row &) = default;
    };
    QList<Row> rows() const;
    void refresh();

    CommandRegistry &m_commands;
    QList<Row> m_rows;
};

} // namespace skillbox
