#include "app/desktop/editor/dialogs.h"
#include "app/desktop/session/draft_text.h"
#include "app/desktop/text/diff_view.h"
#include "app/desktop/text/markdown_view.h"
#include "engine/skill/rules.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

void showChange(QWidget *parent, const Theme &theme, const PlannedChange &change,
                std::function<void()> apply)
{
    auto *dialog = new QDialog(parent);
    dialog->setObjectName(u"editor.change"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(change.title);
    dialog->resize(980, 560);
    auto *column = new QVBoxLayout(dialog);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);
    auto *title = new QLabel(change.title);
    title->setProperty("textRole", u"heading"_s);
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    auto *files = new QListWidget;
    files->setAccessibleName(QObject::tr("Files that change"));
    auto *diff = new DiffView;
    diff->applyTheme(theme);
    QStringList names = change.after.keys();
    names.sort();
    files->addItems(names);
    auto *splitter = new QSplitter;
    splitter->addWidget(files);
    splitter->addWidget(diff);
    splitter->setStretchFactor(1, 1);
    splitter->setSizes({180, 780});
    files->setVisible(names.size() > 1);
    const auto show = [files, diff, change] {
        if (!files->currentItem())
            return;
        const QString name = files->currentItem()->text();
        diff->setTexts(QObject::tr("Now"), decodeDraft(change.before.value(name)).text,
                       QObject::tr("Then"), decodeDraft(change.after.value(name)).text, name);
    };
    QObject::connect(files, &QListWidget::currentRowChanged, dialog, show);
    files->setCurrentRow(0);
    auto *buttons = new QDialogButtonBox;
    auto *cancel = buttons->addButton(QObject::tr("Cancel"), QDialogButtonBox::RejectRole);
    QObject::connect(cancel, &QPushButton::clicked, dialog, &QDialog::reject);
    if (apply) {
        auto *yes = buttons->addButton(change.button, QDialogButtonBox::AcceptRole);
        yes->setObjectName(u"editor.applyChange"_s);
        yes->setProperty("kind", u"primary"_s);
        yes->setDefault(true);
        QObject::connect(yes, &QPushButton::clicked, dialog, [dialog, apply = std::move(apply)] {
            dialog->accept();
            apply();
        });
        yes->setFocus();
    } else {
        cancel->setText(QObject::tr("Close"));
    }
    column->addWidget(title);
    column->addWidget(splitter, 1);
    column->addWidget(buttons);
    dialog->open();
}

void explainRule(QWidget *parent, const Theme &theme, const Finding &finding)
{
    const RuleInfo *rule = findRule(finding.id);
    auto *dialog = new QDialog(parent);
    dialog->setObjectName(u"editor.rule"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(finding.id);
    dialog->resize(620, 420);
    auto *column = new QVBoxLayout(dialog);
    column->setContentsMargins(16, 16, 16, 16);
    auto *view = new MarkdownView;
    view->setAccessibleName(QObject::tr("About the rule %1").arg(finding.id));
    QString text = u"# %1\n\n"_s.arg(finding.id);
    if (rule) {
        const RuleHelp &help = ruleHelp(rule->rule);
        text += u"**%1**\n\n"_s.arg(QString::fromUtf8(rule->title)) + QString::fromUtf8(help.why)
            + u"\n\n"_s + QString::fromUtf8(help.fix) + u'\n';
    }
    view->setMarkdownText(text);
    view->applyTheme(theme);
    column->addWidget(view);
    auto *buttons = new QDialogButtonBox;
    buttons->addButton(QObject::tr("Close"), QDialogButtonBox::RejectRole);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    column->addWidget(buttons);
    dialog->open();
}

} // namespace skillbox
