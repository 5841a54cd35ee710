#pragma once

#include <QTreeView>

namespace skillbox {

/// The tree of files; what is dragged is decided by whoever listens to dragWanted(). GUI thread.
class ArtifactTree : public QTreeView
{
    Q_OBJECT

public:
    explicit ArtifactTree(QWidget *parent = nullptr);

Q_SIGNALS:
    void dragWanted(const QModelIndex &index);

protected:
    void startDrag(Qt::DropActions actions) override;
    void drawBranches(QPainter *painter, const QRect &rect,
                      const QModelIndex &index) const override;
};

} // namespace skillbox
