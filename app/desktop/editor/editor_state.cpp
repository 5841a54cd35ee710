#include "app/desktop/editor/editor_page.h"

#include "app/desktop/editor/banner.h"
#include "app/desktop/editor/front_matter_form.h"
#include "app/desktop/editor/open_files.h"
#include "app/desktop/editor/problems_panel.h"
#include "app/desktop/editor/project_tree.h"
#include "app/desktop/editor/skill_check.h"
#include "app/desktop/editor/tests_panel.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/text/markdown_view.h"
#include "app/desktop/text/syntax.h"
#include "app/desktop/widgets/state_view.h"
#include "engine/skill/front_matter.h"

#include <QLocale>
#include <QStyle>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

void EditorPage::currentChanged()
{
    DocumentView *view = m_files->current();
    const bool hasProject = !m_tree->projects().isEmpty();
    if (hasProject) {
        m_treeState->showContent();
    } else {
        m_treeState->showMessage(u"folder"_s, tr("No skill is open"), {});
    }
    if (view) {
        m_state->showContent();
    } else if (hasProject) {
        m_state->showMessage(u"editor"_s, tr("No file is open"),
                             tr("Choose one in the tree at the left."), tr("Open SKILL.md"),
                             [this] { m_files->open(project(), u"SKILL.md"_s); });
    } else {
        m_state->showMessage(u"editor"_s, tr("Write a skill"),
                             tr("A new one runs at once and is yours to change. A folder with a "
                                "SKILL.md can be opened or dropped here."),
                             tr("New skill …"), [this] { newSkill(); });
    }
    if (view)
        m_tree->selectFile(view->project(), view->file());
    m_check->setProject(project());
    for (const char *id : {"save", "close", "goToLine", "comment", "foldAll", "unfoldAll"}) {
        if (QAction *action = m_desk.commands.find(u"editor."_s + QLatin1StringView(id)))
            action->setEnabled(view);
    }
    const bool isManifest = view && isMarkdownName(view->file());
    m_formButton->setEnabled(view && view->file() == "SKILL.md"_L1);
    m_previewButton->setEnabled(isManifest);
    showSide();
    showProject();
    showCursor();
}

void EditorPage::showProject()
{
    const QString now = project();
    const QStringList files = m_tree->filesOf(now);
    m_testsPanel->setProject(now, files);
    m_form->setFiles(files);
    const bool isMissing = m_tree->isMissing(now);
    if (isMissing) {
        m_banner->show(u"missing"_s, Banner::Kind::Warning,
                       tr("The folder %1 is not there any more. Open texts are kept.").arg(now),
                       {{tr("Save them elsewhere …"), [this, now] { saveElsewhere(now); }},
                        {tr("Close it"), [this, now] { closeProject(now); }}});
    } else {
        m_banner->dismiss(u"missing"_s);
    }
}

void EditorPage::showCursor()
{
    DocumentView *view = m_files->current();
    if (!view) {
        m_place->clear();
        m_format->clear();
        return;
    }
    const QTextCursor cursor = view->editor().textCursor();
    const QString before = cursor.block().text().left(cursor.positionInBlock());
    const auto low = std::count_if(before.cbegin(), before.cend(),
                                   [](QChar c) { return c.isLowSurrogate(); });
    m_place->setText(tr("Line %1, column %2")
                         .arg(cursor.blockNumber() + 1)
                         .arg(before.size() - low + 1));
    m_format->setText(view->formatText());
    const QList<Finding> here = m_check->findingsAt(*view, cursor.blockNumber() + 1);
    const bool hasFix = std::any_of(here.cbegin(), here.cend(),
                                    [](const Finding &one) { return one.fix.has_value(); });
    view->editor().setLampLine(hasFix ? cursor.blockNumber() : -1);
}

void EditorPage::showReport()
{
    const LintReport *report = m_check->report();
    const int errors = m_problems->model().count(Severity::Error);
    const int warnings = m_problems->model().count(Severity::Warning);
    m_bottom->setTabText(0, report ? tr("Problems (%1)").arg(errors + warnings) : tr("Problems"));
    const bool hasTokens = report && report->instructionTokens > 0;
    m_tokenBar->setVisible(hasTokens);
    m_tokens->setVisible(hasTokens);
    if (hasTokens) {
        const int tokens = report->instructionTokens;
        m_tokens->setText(tr("about %1 of %2 tokens")
                              .arg(QLocale().toString(tokens), QLocale().toString(usualTokens)));
        m_tokens->setToolTip(tr("What the instructions cost an agent that reads them. The "
                                "specification recommends at most %1.")
                                 .arg(QLocale().toString(usualTokens)));
        m_tokenBar->setValue(std::min(tokens, usualTokens));
        const QString role = tokens > usualTokens ? u"error"_s : QString();
        if (m_tokens->property("textRole").toString() != (role.isEmpty() ? u"muted"_s : role)) {
            m_tokens->setProperty("textRole", role.isEmpty() ? u"muted"_s : role);
            m_tokens->style()->unpolish(m_tokens);
            m_tokens->style()->polish(m_tokens);
        }
    }
    showCursor();
}

void EditorPage::setSide(int index)
{
    m_formButton->setChecked(index == 0);
    m_previewButton->setChecked(index == 1);
    if (index >= 0)
        m_sideStack->setCurrentIndex(index);
    showSide();
}

void EditorPage::showSide()
{
    const bool isForm = m_formButton->isChecked() && m_formButton->isEnabled();
    const bool isPreview = m_previewButton->isChecked() && m_previewButton->isEnabled();
    m_side->setVisible(isForm || isPreview);
    if (isForm || isPreview)
        refreshSide();
}

void EditorPage::refreshSide()
{
    DocumentView *view = m_files->current();
    if (!view || view->state() == DocumentView::State::Loading)
        return;
    const QByteArray bytes = view->bytes();
    if (m_sideStack->currentWidget() == m_form) {
        m_form->setText(bytes);
        m_form->setEnabled(view->state() == DocumentView::State::Editable);
        return;
    }
    QList<RuleHit> hits;
    const auto parts = splitFrontMatter(bytes, hits);
    m_preview->setMarkdownText(QString::fromUtf8(parts ? parts->body : QByteArrayView(bytes)));
}

void EditorPage::showBottom(QWidget *panel)
{
    m_bottom->show();
    m_bottom->setCurrentWidget(panel);
}

} // namespace skillbox
