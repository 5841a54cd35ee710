#include "app/desktop/console/json_tree_model.h"

#include "app/desktop/widgets/controls.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A longer text is cut in its cell; the tooltip and a copy have more.
constexpr qsizetype mostCellUnits = 200;
constexpr qsizetype mostToolTipUnits = 2000;

} // namespace

/// A value that was asked for. Its children come into being together.
struct JsonTreeModel::Item {
    const JsonNode *node = nullptr;
    const Item *above = nullptr;
    int row = 0;
    mutable std::vector<std::unique_ptr<Item>> below;

    const Item *child(int at) const
    {
        if (below.empty()) {
            below.reserve(static_cast<size_t>(node->size()));
            for (int i = 0; i < node->size(); ++i) {
                auto item = std::make_unique<Item>();
                item->node = &node->children()[static_cast<size_t>(i)];
                item->above = this;
                item->row = i;
                below.push_back(std::move(item));
            }
        }
        return below[static_cast<size_t>(at)].get();
    }
    QString name() const
    {
        if (!above)
            return {};
        return above->node->isObject() ? above->node->nameAt(row) : QString::number(row);
    }
};

JsonTreeModel::JsonTreeModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_top(std::make_unique<Item>())
{
    m_top->node = &m_root;
}

JsonTreeModel::~JsonTreeModel() = default;

void JsonTreeModel::setRoot(JsonNode root)
{
    beginResetModel();
    m_root = std::move(root);
    m_top = std::make_unique<Item>();
    m_top->node = &m_root;
    endResetModel();
}

const JsonTreeModel::Item *JsonTreeModel::itemOf(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<const Item *>(index.internalPointer()) : m_top.get();
}

QModelIndex JsonTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, itemOf(parent)->child(row));
}

QModelIndex JsonTreeModel::parent(const QModelIndex &index) const
{
    if (!index.isValid())
        return {};
    const Item *above = itemOf(index)->above;
    return !above || above == m_top.get() ? QModelIndex() : createIndex(above->row, 0, above);
}

int JsonTreeModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : itemOf(parent)->node->size();
}

bool JsonTreeModel::hasChildren(const QModelIndex &parent) const
{
    return rowCount(parent) > 0;
}

int JsonTreeModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant JsonTreeModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Item *item = itemOf(index);
    const JsonNode &node = *item->node;
    const auto shown = [&](qsizetype most) {
        if (node.isObject())
            return node.size() == 1 ? tr("{ 1 member }") : tr("{ %1 members }").arg(node.size());
        if (node.isArray())
            return node.size() == 1 ? tr("[ 1 element ]") : tr("[ %1 elements ]").arg(node.size());
        QString text = node.kind() == JsonNode::Kind::Null ? u"null"_s : node.text();
        if (text.size() > most)
            text = text.left(most) + u'…';
        return node.kind() == JsonNode::Kind::String ? u'"' + text + u'"' : text;
    };
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == NameColumn ? item->name() : shown(mostCellUnits).simplified();
    case Qt::ToolTipRole:
        return index.column() == NameColumn ? QVariant() : plainToolTip(shown(mostToolTipUnits));
    case TextRole: return QString::fromUtf8(node.compact());
    case PointerRole: {
        QString pointer;
        for (const Item *at = item; at->above; at = at->above) {
            QString name = at->name();
            name.replace(u'~', u"~0"_s).replace(u'/', u"~1"_s);
            pointer.prepend(u'/' + name);
        }
        return pointer;
    }
    default: return {};
    }
}

QVariant JsonTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    return section == NameColumn ? tr("Name") : tr("Value");
}

} // namespace skillbox
