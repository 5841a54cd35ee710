#include "app/desktop/catalog/skill_compare.h"

#include "app/desktop/catalog/catalog_model.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/text/diff_view.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/state_view.h"

#include <QHeaderView>
#include <QSplitter>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString titleOf(const SkillAddress &address)
{
    return u"%1 %2 · %3"_s.arg(address.name, address.version,
                               CatalogModel::sourceTitle(address.source));
}

QString changeTitle(FileChange change)
{
    switch (change) {
    case FileChange::Added: return SkillCompare::tr("added");
    case FileChange::Removed: return SkillCompare::tr("removed");
    case FileChange::Modified: return SkillCompare::tr("changed");
    case FileChange::Unchanged: return SkillCompare::tr("same");
    }
    return {};
}

} // namespace

SkillCompare::SkillCompare(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_files(new QTreeWidget)
    , m_diff(new DiffView)
{
    m_files->setObjectName(u"catalog.compare.files"_s);
    m_files->setAccessibleName(tr("Files of both versions"));
    m_files->setHeaderHidden(true);
    m_files->setRootIsDecorated(false);
    m_files->setColumnCount(2);
    m_files->setUniformRowHeights(true);
    m_files->header()->setStretchLastSection(false);
    m_files->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_files->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_diff->setObjectName(u"catalog.compare.diff"_s);
    auto *splitter = new QSplitter;
    splitter->addWidget(m_files);
    splitter->addWidget(m_diff);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({200, 600});
    m_state = new StateView(splitter);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    connect(m_files, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem *item) {
        if (item)
            showFile(m_compared[m_files->indexOfTopLevelItem(item)]);
    });
    clear();
}

void SkillCompare::clear()
{
    ++m_question;
    m_state->showMessage(u"diff"_s, tr("Nothing to compare yet"),
                         tr("Choose two versions to see what changed between them."));
}

void SkillCompare::fail(const Error &error)
{
    m_state->showMessage(u"error"_s, tr("The versions cannot be compared"), error.message,
                         tr("Try again"), [this] { compare(m_left, m_right); });
}

void SkillCompare::compare(const SkillAddress &left, const SkillAddress &right)
{
    m_left = left;
    m_right = right;
    const int question = ++m_question;
    m_state->showLoading(tr("Comparing …"));
    SkillReader &reader = m_desk.session.reader();
    reader.describe(this, left, [this, question, right](const Result<SkillDescription> &ours) {
        if (question != m_question)
            return;
        if (!ours)
            return fail(ours.error());
        m_desk.session.reader().describe(
            this, right, [this, question, ours = *ours](const Result<SkillDescription> &theirs) {
                if (question != m_question)
                    return;
                if (theirs)
                    readSides(ours, *theirs);
                else
                    fail(theirs.error());
            });
    });
}

void SkillCompare::readSides(const SkillDescription &left, const SkillDescription &right)
{
    m_left = left.address;
    m_right = right.address;
    const int question = m_question;
    m_desk.session.reader().tree(
        this, left, [this, question, right](const Result<SkillTree> &ours) {
            if (question != m_question)
                return;
            if (!ours)
                return fail(ours.error());
            m_desk.session.reader().tree(
                this, right, [this, question, ours = *ours](const Result<SkillTree> &theirs) {
                    if (question != m_question)
                        return;
                    if (!theirs)
                        return fail(theirs.error());
                    m_desk.session.reader().compare(this, ours, *theirs,
                                                    [this, question](
                                                        const Result<QList<ComparedFile>> &files) {
                                                        if (question != m_question)
                                                            return;
                                                        if (files)
                                                            fill(*files);
                                                        else
                                                            fail(files.error());
                                                    });
                });
        });
}

void SkillCompare::fill(const QList<ComparedFile> &files)
{
    m_files->clear();
    m_compared = files;
    for (const ComparedFile &file : files) {
        auto *item = new QTreeWidgetItem(m_files, {file.path, changeTitle(file.change)});
        item->setToolTip(0, plainToolTip(file.path));
        if (file.change == FileChange::Unchanged) {
            item->setDisabled(false);
            for (int column = 0; column < 2; ++column)
                item->setForeground(column, palette().placeholderText());
        }
    }
    m_state->showContent();
    m_files->setCurrentItem(m_files->topLevelItem(0));
}

void SkillCompare::showFile(const ComparedFile &file)
{
    if (file.binary) {
        m_diff->showMessage(u"file"_s, tr("No text"),
                            tr("%1 is not a text, and it is not the same.").arg(file.path));
        return;
    }
    const int question = m_question;
    m_desk.session.reader().readPair(
        this, file, [this, question, file](const Result<std::pair<QString, QString>> &texts) {
            const QTreeWidgetItem *current = m_files->currentItem();
            if (question != m_question || !current || current->text(0) != file.path)
                return;
            if (!texts) {
                m_diff->showMessage(u"error"_s, tr("It cannot be read"), texts.error().message);
                return;
            }
            m_diff->setTexts(titleOf(m_left), texts->first, titleOf(m_right), texts->second,
                             file.path);
        });
}

void SkillCompare::applyTheme(const Theme &theme)
{
    m_state->applyTheme(theme);
    m_diff->applyTheme(theme);
}

} // namespace skillbox
