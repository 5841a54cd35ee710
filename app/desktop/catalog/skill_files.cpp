#include "app/desktop/catalog/skill_files.h"

#include "app/desktop/preview/preview_view.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/state_view.h"

#include <QLocale>
#include <QSplitter>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int pathRole = Qt::UserRole;

} // namespace

SkillFiles::SkillFiles(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_tree(new QTreeWidget)
    , m_preview(new PreviewView)
{
    m_tree->setObjectName(u"catalog.files"_s);
    m_tree->setAccessibleName(tr("Files"));
    m_tree->setHeaderHidden(true);
    m_tree->setUniformRowHeights(true);
    m_preview->setObjectName(u"catalog.preview"_s);
    auto *splitter = new QSplitter;
    splitter->addWidget(m_tree);
    splitter->addWidget(m_preview);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({200, 520});
    splitter->setChildrenCollapsible(false);
    m_state = new StateView(splitter);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    connect(m_tree, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem *item) {
        const QString path = item ? item->data(0, pathRole).toString() : QString();
        if (path.isEmpty())
            return;
        m_wanted = path;
        m_preview->show({.path = m_directory + u'/' + path, .name = path, .contentType = {}});
    });
}

void SkillFiles::show(const SkillDescription &skill)
{
    const bool same = skill.record.digest == m_skill.record.digest
        && skill.address == m_skill.address;
    m_skill = skill;
    if (same && !m_items.isEmpty())
        return;
    m_pending = true;
    m_wanted.clear();
    if (isVisible())
        load();
}

void SkillFiles::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_pending)
        load();
}

void SkillFiles::load()
{
    m_pending = false;
    m_items.clear();
    const int question = ++m_question;
    m_state->showLoading(m_skill.address.source.isEmpty()
                             ? tr("Reading …")
                             : tr("Fetching from %1 …").arg(m_skill.address.source));
    m_desk.session.reader().tree(this, m_skill, [this, question](const Result<SkillTree> &tree) {
        if (question != m_question)
            return;
        if (tree)
            fill(*tree);
        else
            m_state->showMessage(u"error"_s, tr("The files cannot be read"), tree.error().message,
                                 tr("Try again"), [this] { load(); });
    });
}

void SkillFiles::fill(const SkillTree &tree)
{
    m_preview->clear();
    m_directory = tree.directory;
    m_tree->clear();
    m_items.clear();
    QHash<QString, QTreeWidgetItem *> folders;
    const QLocale locale;
    for (const PackedFile &file : tree.files) {
        QTreeWidgetItem *parent = m_tree->invisibleRootItem();
        for (qsizetype slash = file.path.indexOf(u'/'); slash > 0;
             slash = file.path.indexOf(u'/', slash + 1)) {
            QTreeWidgetItem *&folder = folders[file.path.left(slash)];
            if (!folder) {
                folder = new QTreeWidgetItem(parent, {file.path.left(slash).section(u'/', -1)});
                folder->setIcon(0, themedIcon(u"folder"_s, m_theme, ColorRole::Muted));
            }
            parent = folder;
        }
        auto *item = new QTreeWidgetItem(parent, {file.path.section(u'/', -1)});
        item->setData(0, pathRole, file.path);
        item->setIcon(0, themedIcon(u"file"_s, m_theme, ColorRole::Muted));
        item->setToolTip(
            0, plainToolTip(u"%1 · %2"_s.arg(file.path, locale.formattedDataSize(file.size))));
        m_items.insert(file.path, item);
    }
    m_tree->expandAll();
    m_state->showContent();
    const QString wanted = m_items.contains(m_wanted) ? m_wanted : u"SKILL.md"_s;
    if (QTreeWidgetItem *item = m_items.value(wanted))
        m_tree->setCurrentItem(item);
}

void SkillFiles::showFile(const QString &path)
{
    m_wanted = path;
    if (QTreeWidgetItem *item = m_items.value(path))
        m_tree->setCurrentItem(item);
}

void SkillFiles::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_state->applyTheme(theme);
    m_preview->applyTheme(theme);
    for (QTreeWidgetItem *item : std::as_const(m_items))
        item->setIcon(0, themedIcon(u"file"_s, theme, ColorRole::Muted));
}

} // namespace skillbox
