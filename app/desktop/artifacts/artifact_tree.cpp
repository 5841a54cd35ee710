#include "app/desktop/artifacts/artifact_tree.h"

namespace skillbox {

ArtifactTree::ArtifactTree(QWidget *parent) : QTreeView(parent)
{
    setHeaderHidden(true);
    setMouseTracking(true);
    setDragEnabled(true);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setIndentation(18);
    setExpandsOnDoubleClick(true);
}

void ArtifactTree::startDrag(Qt::DropActions)
{
    if (currentIndex().isValid())
        Q_EMIT dragWanted(currentIndex());
}

void ArtifactTree::drawBranches(QPainter *painter, const QRect &rect,
                                const QModelIndex &index) const
{
    // Fusion's lines would be one ornament too many; the arrows stay.
    if (model()->hasChildren(index))
        QTreeView::drawBranches(painter, rect.adjusted(rect.width() - indentation(), 0, 0, 0),
                                index);
}

} // namespace skillbox
