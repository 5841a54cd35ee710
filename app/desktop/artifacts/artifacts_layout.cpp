#include "app/desktop/artifacts/artifacts_page.h"

#include "app/desktop/artifacts/artifact_details.h"
#include "app/desktop/artifacts/artifact_tree.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/widgets/state_view.h"

#include <QAction>
#include <QHBoxLayout>
#include <QMenu>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

QWidget *ArtifactsPage::buildLeft()
{
    m_filter = new QLineEdit;
    m_filter->setObjectName("artifacts.filter"_L1);
    m_filter->setPlaceholderText(tr("Filter by file, type or skill"));
    m_filter->setAccessibleName(tr("Filter by file, type or skill"));
    m_filter->setClearButtonEnabled(true);
    m_shown.setSourceModel(&m_model);
    m_shown.setFilterRole(ArtifactTreeModel::SearchRole);
    m_shown.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_shown.setRecursiveFilteringEnabled(true);
    m_shown.setAutoAcceptChildRows(true);
    m_tree = new ArtifactTree;
    m_tree->setObjectName("artifacts.tree"_L1);
    m_tree->setAccessibleName(tr("Runs and their files"));
    m_tree->setModel(&m_shown);
    m_delegate = new ArtifactDelegate(m_tree);
    m_tree->setItemDelegate(m_delegate);
    m_older = new QPushButton(tr("Show older runs"));
    m_older->setObjectName("artifacts.older"_L1);
    m_older->setProperty("kind", u"flat"_s);
    m_older->hide();

    auto *list = new QWidget;
    auto *inner = new QVBoxLayout(list);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(0);
    inner->addWidget(m_tree, 1);
    inner->addWidget(m_older);
    m_listState = new StateView(list);
    auto *left = new QWidget;
    auto *column = new QVBoxLayout(left);
    column->setContentsMargins(0, 12, 0, 0);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(12, 0, 12, 0);
    head->addWidget(m_filter);
    column->addLayout(head);
    column->addWidget(m_listState, 1);

    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_shown.setFilterFixedString(text.trimmed());
        if (!text.trimmed().isEmpty())
            m_tree->expandAll();
    });
    connect(m_older, &QPushButton::clicked, this, &ArtifactsPage::loadOlder);
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &ArtifactsPage::showChosen);
    connect(m_tree, &QWidget::customContextMenuRequested, this, &ArtifactsPage::showMenu);
    connect(m_tree, &ArtifactTree::dragWanted, this, &ArtifactsPage::drag);
    return left;
}

QWidget *ArtifactsPage::buildFile()
{
    m_name = new QLabel;
    m_name->setObjectName("artifacts.name"_L1);
    m_name->setProperty("textRole", u"title"_s);
    m_name->setTextFormat(Qt::PlainText);
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_details = new ArtifactDetails;
    m_preview = new PreviewView;
    m_preview->setObjectName("artifacts.preview"_L1);

    auto *file = new QWidget;
    auto *column = new QVBoxLayout(file);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(24, 20, 16, 0);
    head->setSpacing(4);
    head->addWidget(m_name, 1);
    const auto add = [&](const QString &id, const QString &icon, const QString &title,
                         const QKeySequence &keys, void (ArtifactsPage::*handler)()) {
        head->addWidget(addAction(id, icon, title, keys, handler));
    };
    add(u"artifacts.open"_s, u"open-with"_s, tr("Open with another program"),
        QKeySequence(u"Ctrl+O"_s), &ArtifactsPage::openWith);
    add(u"artifacts.copy"_s, u"copy"_s, tr("Copy the content"), QKeySequence(u"Ctrl+Shift+C"_s),
        &ArtifactsPage::copyContent);
    add(u"artifacts.reveal"_s, u"runs"_s, tr("Show the run"), {}, &ArtifactsPage::revealRun);
    add(u"artifacts.saveAll"_s, u"folder"_s, tr("Save all files of the run …"),
        QKeySequence(u"Ctrl+Shift+S"_s), &ArtifactsPage::saveAll);
    add(u"artifacts.save"_s, u"download"_s, tr("Save …"), QKeySequence::Save, &ArtifactsPage::save);
    column->addLayout(head);
    column->addWidget(m_details);
    column->addWidget(m_preview, 1);
    m_fileState = new StateView(file);
    connect(m_details, &ArtifactDetails::runClicked, this, &ArtifactsPage::revealRun);
    connect(m_details, &ArtifactDetails::skillClicked, this, &ArtifactsPage::revealSkill);
    return m_fileState;
}

QToolButton *ArtifactsPage::addAction(const QString &id, const QString &icon, const QString &title,
                                      const QKeySequence &keys, void (ArtifactsPage::*handler)())
{
    QAction *action = m_desk.commands.add(id, tr("Artifacts"), title, keys,
                                          [this, handler] { (this->*handler)(); });
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    QWidget::addAction(action);
    auto *button = new QToolButton;
    button->setObjectName(id);
    button->setToolTip(title);
    button->setAccessibleName(title);
    connect(button, &QToolButton::clicked, action, &QAction::trigger);
    m_tools.append({button, icon});
    m_actions.append({id, button});
    return button;
}

void ArtifactsPage::addCommands()
{
    const auto add = [this](const QString &id, const QString &title, const QKeySequence &keys,
                            std::function<void()> trigger) {
        QAction *action = m_desk.commands.add(id, tr("Artifacts"), title, keys, std::move(trigger));
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        QWidget::addAction(action);
    };
    add(u"artifacts.archive"_s, tr("Save all files of the run as an archive …"), {},
        [this] { saveArchive(); });
    add(u"artifacts.copyPath"_s, tr("Copy the path of a copy of the file"), {},
        [this] { copyPath(); });
    add(u"artifacts.compare"_s, tr("Compare the two chosen files"), QKeySequence(u"Ctrl+D"_s),
        [this] { showChosen(); });
    add(u"artifacts.find"_s, tr("Filter the files"), QKeySequence(u"Ctrl+F"_s), [this] {
        m_filter->setFocus();
        m_filter->selectAll();
    });
    add(u"artifacts.refresh"_s, tr("Look for new files"), QKeySequence(u"F5"_s),
        [this] { reload(); });
}

void ArtifactsPage::updateActions()
{
    const QList<QModelIndex> files = chosenFiles();
    const bool hasRun = current().isValid();
    const auto set = [this](const QString &id, bool on) {
        if (QAction *action = m_desk.commands.find(id))
            action->setEnabled(on);
        for (const auto &[known, button] : std::as_const(m_actions)) {
            if (known == id)
                button->setEnabled(on);
        }
    };
    for (const auto &id :
         {u"artifacts.open"_s, u"artifacts.copy"_s, u"artifacts.copyPath"_s, u"artifacts.save"_s})
        set(id, files.size() == 1);
    set(u"artifacts.compare"_s, files.size() == 2);
    set(u"artifacts.saveAll"_s, hasRun);
    set(u"artifacts.archive"_s, hasRun);
    set(u"artifacts.reveal"_s, hasRun);
}

void ArtifactsPage::showMenu(const QPoint &place)
{
    if (!m_tree->indexAt(place).isValid())
        return;
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto &id :
         {u"artifacts.open"_s, u"artifacts.save"_s, u"artifacts.copy"_s, u"artifacts.copyPath"_s,
          QString(), u"artifacts.saveAll"_s, u"artifacts.archive"_s, u"artifacts.reveal"_s}) {
        if (id.isEmpty())
            menu->addSeparator();
        else if (QAction *action = m_desk.commands.find(id))
            menu->addAction(action);
    }
    menu->popup(m_tree->viewport()->mapToGlobal(place));
}

} // namespace skillbox
