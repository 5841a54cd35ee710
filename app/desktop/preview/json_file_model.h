#pragma once

#include "app/desktop/preview/json_outline.h"

#include <QAbstractItemModel>

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

namespace skillbox {

/// A JSON text as a tree that finds its branches when they are opened; a branch of more than a
/// thousand members is cut into runs of a thousand. Long branches are looked through beside the GUI
/// thread. GUI thread.
class JsonFileModel : public QAbstractItemModel
{
    Q_OBJECT

public:
    enum Column { NameColumn, ValueColumn, columns };

    explicit JsonFileModel(QObject *parent = nullptr);
    ~JsonFileModel() override;

    /// Compact and valid, as JsonText has it.
    void setText(const QByteArray &text);
    const QByteArray &text() const { return m_text; }

    /// RFC 6901, e.g. `/items/3/name`; a run has the pointer of what it is part of.
    QString pointer(const QModelIndex &index) const;
    /// Strings as what they mean, all else as JSON text.
    QString value(const QModelIndex &index) const;
    /// Opens the branches down to the member whose name or value is at this place in the text, and
    /// calls `done` with it, at once or later; invalid: there is none.
    void locate(qint64 place, std::function<void(const QModelIndex &)> done);

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    bool hasChildren(const QModelIndex &parent = {}) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    static constexpr qint64 runLength = 1000;

private:
    struct Node;
    Node *nodeOf(const QModelIndex &index) const;
    QModelIndex indexOf(const Node *node) const;
    void load(Node *node, std::function<void()> done);
    void addChildren(Node *node, const JsonMembers &found);
    void addRun(Node *node, const QList<JsonMember> &members);
    void insertChildren(Node *node, std::vector<std::unique_ptr<Node>> children);
    void descend(Node *node, qint64 place, const std::function<void(const QModelIndex &)> &done);
    QString name(const Node *node) const;
    QString shownValue(const Node *node) const;

    QByteArray m_text;
    std::unique_ptr<Node> m_root; ///< not shown; its only child is the document
    std::stop_source m_stop;
};

} // namespace skillbox
