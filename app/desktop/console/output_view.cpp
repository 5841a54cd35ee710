#include "app/desktop/console/output_view.h"

#include "app/desktop/text/code_view.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/state_view.h"

#include <QApplication>
#include <QButtonGroup>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QMenu>
#include <QToolButton>
#include <QTreeView>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A longer output is shown as it came: laid out in lines it would take seconds.
constexpr qsizetype mostPrettyBytes = 4 << 20;
constexpr qsizetype mostTextBytes = 1 << 20;
/// Trees are opened so far when they are small.
constexpr int openedRows = 60;

} // namespace

OutputView::OutputView(QWidget *parent)
    : QWidget(parent)
    , m_views(new QStackedWidget)
    , m_tree(new QTreeView)
    , m_text(new CodeView)
    , m_asTree(new QToolButton)
    , m_asText(new QToolButton)
    , m_copy(new QToolButton)
{
    m_tree->setObjectName(u"runs.output.tree"_s);
    m_tree->setAccessibleName(tr("Output as a tree"));
    m_tree->setModel(&m_model);
    m_tree->setUniformRowHeights(true);
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->header()->setStretchLastSection(true);
    m_tree->setColumnWidth(0, 220);
    m_text->setObjectName(u"runs.output.text"_s);
    m_text->setAccessibleName(tr("Output as text"));
    m_views->addWidget(m_tree);
    m_views->addWidget(m_text);
    m_asTree->setText(tr("Tree"));
    m_asText->setText(tr("Text"));
    m_copy->setText(tr("Copy"));
    m_copy->setToolTip(tr("Copy the output"));
    m_copy->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    auto *group = new QButtonGroup(this);
    for (QToolButton *button : {m_asTree, m_asText}) {
        button->setCheckable(true);
        group->addButton(button);
    }
    for (QToolButton *button : {m_asTree, m_asText, m_copy})
        button->setFocusPolicy(Qt::TabFocus);
    m_asTree->setChecked(true);

    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 6, 8, 6);
    bar->setSpacing(4);
    bar->addWidget(m_asTree);
    bar->addWidget(m_asText);
    bar->addStretch(1);
    bar->addWidget(m_copy);
    column->addLayout(bar);
    column->addWidget(m_views, 1);
    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    connect(m_asText, &QToolButton::toggled, this, &OutputView::setText);
    connect(m_copy, &QToolButton::clicked, this,
            [this] { QApplication::clipboard()->setText(QString::fromUtf8(m_output.bytes())); });
    connect(m_tree, &QWidget::customContextMenuRequested, this, &OutputView::showMenu);
}

void OutputView::show(const JsonText &output)
{
    m_output = output;
    m_textFilled = false;
    m_asTree->setEnabled(output.bytes().size() <= mostPrettyBytes);
    if (!m_asTree->isEnabled()) {
        // A tree of it would stop the window while it is made.
        m_asTree->setToolTip(tr("The output is too large to be shown as a tree."));
        setText(true);
        fillText();
        m_state->showContent();
        return;
    }
    m_asTree->setToolTip({});
    JsonNode root = JsonNode::fromText(output);
    const bool branches = root.isArray() || root.isObject();
    if (branches) {
        m_model.setRoot(std::move(root));
    } else {
        // One plain value: a tree of a single row.
        JsonNode holder = JsonNode::object();
        holder.setMember(tr("output"), std::move(root));
        m_model.setRoot(std::move(holder));
    }
    if (output.bytes().size() < 4096) {
        m_tree->expandAll();
        if (m_model.rowCount() > openedRows)
            m_tree->collapseAll();
    }
    if (m_asText->isChecked())
        fillText();
    m_state->showContent();
}

void OutputView::showMessage(const QString &icon, const QString &title, const QString &text)
{
    m_output = {};
    m_state->showMessage(icon, title, text);
}

void OutputView::showLoading(const QString &what)
{
    m_state->showLoading(what);
}

bool OutputView::isText() const
{
    return m_asText->isChecked();
}

void OutputView::setText(bool text)
{
    (text ? m_asText : m_asTree)->setChecked(true);
    m_views->setCurrentWidget(text ? static_cast<QWidget *>(m_text) : m_tree);
    if (text)
        fillText();
}

void OutputView::fillText()
{
    if (std::exchange(m_textFilled, true))
        return;
    const QByteArray &bytes = m_output.bytes();
    if (bytes.size() <= mostPrettyBytes) {
        m_text->setSource(JsonNode::fromText(m_output).pretty(), u"output.json"_s);
        return;
    }
    m_text->setSource(QString::fromUtf8(bytes.left(mostTextBytes))
                          + tr("\n… %1 bytes more").arg(bytes.size() - mostTextBytes),
                      {});
}

void OutputView::showMenu(const QPoint &at)
{
    const QModelIndex index = m_tree->indexAt(at);
    if (!index.isValid())
        return;
    QMenu menu(this);
    const auto copy = [](const QVariant &text) {
        QApplication::clipboard()->setText(text.toString());
    };
    menu.addAction(tr("Copy value"), this, [&] { copy(index.data(JsonTreeModel::TextRole)); });
    menu.addAction(tr("Copy place (JSON pointer)"), this,
                   [&] { copy(index.data(JsonTreeModel::PointerRole)); });
    menu.exec(m_tree->viewport()->mapToGlobal(at));
}

void OutputView::applyTheme(const Theme &theme)
{
    m_state->applyTheme(theme);
    m_text->applyTheme(theme);
    m_copy->setIcon(themedIcon(u"copy"_s, theme, ColorRole::Muted));
}

} // namespace skillbox
