#pragma once

#include "app/desktop/session/json_node.h"

#include <QAbstractItemModel>

#include <memory>

namespace skillbox {

/// A JSON value as a tree of names and values; branches are made when they are opened.
class JsonTreeModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { NameColumn, ValueColumn, ColumnCount };
    enum Role {
        PointerRole = Qt::UserRole + 1, ///< RFC 6901
        TextRole
    }; ///< the value as JSON

    explicit JsonTreeModel(QObject *parent = nullptr);
    ~JsonTreeModel() override;
    void setRoot(JsonNode root);

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    bool hasChildren(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Item;
    const Item *itemOf(const QModelIndex &index) const;

    JsonNode m_root;
    std::unique_ptr<Item> m_top;
};

} // namespace skillbox
