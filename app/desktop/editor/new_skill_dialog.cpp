#include "app/desktop/editor/dialogs.h"
#include "app/desktop/session/draft_files.h"
#include "engine/skill/manifest_fields.h"

#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int longestNewDescription = 1024;

/// The wizard: one page, checked while one types.
class NewSkillDialog final : public QDialog
{
public:
    NewSkillDialog(QWidget *parent, DraftFiles &files, const QString &folder,
                   std::function<void(const QString &)> made)
        : QDialog(parent)
        , m_files(files)
        , m_made(std::move(made))
        , m_name(new QLineEdit)
        , m_description(new QPlainTextEdit)
        , m_language(new QComboBox)
        , m_folder(new QLineEdit(QDir::toNativeSeparators(folder)))
        , m_problem(new QLabel)
        , m_result(new QLabel)
    {
        setObjectName(u"editor.newSkillDialog"_s);
        setAttribute(Qt::WA_DeleteOnClose);
        setWindowTitle(QObject::tr("New skill"));
        resize(560, 0);
        auto *title = new QLabel(QObject::tr("New skill"));
        title->setProperty("textRole", u"title"_s);
        auto *lead = new QLabel(
            QObject::tr("A folder with a SKILL.md, a script that runs at once, schemas for input "
                        "and output, and a test case."));
        lead->setProperty("textRole", u"muted"_s);
        lead->setWordWrap(true);
        m_name->setObjectName(u"editor.newName"_s);
        m_name->setPlaceholderText(u"word-counter"_s);
        m_name->setAccessibleName(QObject::tr("Name"));
        m_description->setObjectName(u"editor.newDescription"_s);
        m_description->setPlaceholderText(
            QObject::tr("What it does, and when to use it. Empty: that of the example."));
        m_description->setAccessibleName(QObject::tr("Description"));
        m_description->setTabChangesFocus(true);
        m_description->setFixedHeight(72);
        m_language->addItem(u"Python"_s, static_cast<int>(Language::Python));
        m_language->addItem(u"Node.js"_s, static_cast<int>(Language::Node));
        m_language->addItem(u"Bash"_s, static_cast<int>(Language::Bash));
        m_language->setAccessibleName(QObject::tr("Language"));
        m_folder->setObjectName(u"editor.newFolder"_s);
        m_folder->setAccessibleName(QObject::tr("Make it in"));
        auto *choose = new QPushButton(QObject::tr("Choose …"));
        auto *place = new QHBoxLayout;
        place->addWidget(m_folder, 1);
        place->addWidget(choose);
        m_problem->setProperty("textRole", u"error"_s);
        m_problem->setObjectName(u"editor.newProblem"_s);
        for (QLabel *label : {m_problem, m_result}) {
            label->setWordWrap(true);
            label->setTextFormat(Qt::PlainText);
        }
        m_result->setProperty("textRole", u"muted"_s);

        auto *form = new QFormLayout;
        form->setHorizontalSpacing(16);
        form->setVerticalSpacing(8);
        form->addRow(QObject::tr("Name"), m_name);
        form->addRow(QObject::tr("Description"), m_description);
        form->addRow(QObject::tr("Language"), m_language);
        form->addRow(QObject::tr("Make it in"), place);
        auto *buttons = new QDialogButtonBox;
        buttons->addButton(QObject::tr("Cancel"), QDialogButtonBox::RejectRole);
        m_create = buttons->addButton(QObject::tr("Create"), QDialogButtonBox::AcceptRole);
        m_create->setObjectName(u"editor.create"_s);
        m_create->setProperty("kind", u"primary"_s);
        m_create->setDefault(true);
        auto *column = new QVBoxLayout(this);
        column->setContentsMargins(24, 20, 24, 20);
        column->setSpacing(12);
        column->addWidget(title);
        column->addWidget(lead);
        column->addLayout(form);
        column->addWidget(m_problem);
        column->addWidget(m_result);
        column->addWidget(buttons);

        connect(m_name, &QLineEdit::textChanged, this, [this] { check(); });
        connect(m_folder, &QLineEdit::textChanged, this, [this] { check(); });
        connect(m_description, &QPlainTextEdit::textChanged, this, [this] { check(); });
        connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
        connect(m_create, &QPushButton::clicked, this, [this] { create(); });
        connect(choose, &QPushButton::clicked, this, [this] {
            auto *dialog = new QFileDialog(this, QObject::tr("Make the skill in"),
                                           m_folder->text());
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            dialog->setFileMode(QFileDialog::Directory);
            dialog->setOption(QFileDialog::ShowDirsOnly);
            connect(dialog, &QFileDialog::fileSelected, m_folder, &QLineEdit::setText);
            dialog->open();
        });
        check();
        m_name->setFocus();
    }

private:
    QString target() const
    {
        return QDir::cleanPath(QDir(m_folder->text()).absoluteFilePath(m_name->text()));
    }

    void check()
    {
        QString problem;
        const auto name = checkTemplateName(m_name->text());
        const auto length = m_description->toPlainText().simplified().size();
        if (!name && !m_name->text().isEmpty()) {
            problem = QObject::tr("A name has up to 64 of a–z, 0–9 and single hyphens between "
                                  "them.");
            const QString better = specificationName(m_name->text());
            if (!better.isEmpty() && better != m_name->text())
                problem += u' ' + QObject::tr("For example: %1").arg(better);
        } else if (length > longestNewDescription) {
            problem = QObject::tr("The description has %1 characters; at most %2 are allowed.")
                          .arg(length)
                          .arg(longestNewDescription);
        } else if (m_folder->text().trimmed().isEmpty()) {
            problem = QObject::tr("Choose a folder to make it in.");
        }
        m_problem->setText(problem);
        m_problem->setVisible(!problem.isEmpty());
        m_result->setVisible(problem.isEmpty() && name.has_value());
        m_result->setText(QObject::tr("Makes %1").arg(QDir::toNativeSeparators(target())));
        m_create->setEnabled(problem.isEmpty() && name.has_value() && !m_busy);
    }

    void create()
    {
        m_busy = true;
        check();
        const SkillTemplate skill{static_cast<Language>(m_language->currentData().toInt()),
                                  m_name->text(), m_description->toPlainText().simplified()};
        m_files.ask(this, [skill, place = target()] { return makeSkillFolder(skill, place); },
                    [this, place = target()](const Result<QStringList> &files) {
                        m_busy = false;
                        check();
                        if (!files) {
                            m_problem->setText(files.error().message);
                            m_problem->show();
                            return;
                        }
                        accept();
                        m_made(place);
                    });
    }

    DraftFiles &m_files;
    std::function<void(const QString &)> m_made;
    QLineEdit *m_name;
    QPlainTextEdit *m_description;
    QComboBox *m_language;
    QLineEdit *m_folder;
    QLabel *m_problem;
    QLabel *m_result;
    QPushButton *m_create = nullptr;
    bool m_busy = false;
};

} // namespace

void askForNewSkill(QWidget *parent, DraftFiles &files, const QString &folder,
                    std::function<void(const QString &)> made)
{
    (new NewSkillDialog(parent, files, folder, std::move(made)))->open();
}

void askForText(QWidget *parent, const QString &title, const QString &label, const QString &text,
                const QString &button, std::function<QString(const QString &)> check,
                std::function<void(const QString &)> done)
{
    auto *dialog = new QDialog(parent);
    dialog->setObjectName(u"editor.ask"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(title);
    dialog->resize(440, 0);
    auto *column = new QVBoxLayout(dialog);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(8);
    auto *head = new QLabel(label);
    head->setWordWrap(true);
    head->setTextFormat(Qt::PlainText);
    auto *field = new QLineEdit(text);
    field->setObjectName(u"editor.askField"_s);
    field->setAccessibleName(label);
    auto *problem = new QLabel;
    problem->setProperty("textRole", u"error"_s);
    problem->setWordWrap(true);
    auto *buttons = new QDialogButtonBox;
    buttons->addButton(QObject::tr("Cancel"), QDialogButtonBox::RejectRole);
    auto *yes = buttons->addButton(button, QDialogButtonBox::AcceptRole);
    yes->setProperty("kind", u"primary"_s);
    yes->setDefault(true);
    column->addWidget(head);
    column->addWidget(field);
    column->addWidget(problem);
    column->addWidget(buttons);
    const auto look = [field, problem, yes, check = std::move(check)] {
        const QString wrong = check(field->text());
        problem->setText(field->text().isEmpty() ? QString() : wrong);
        yes->setEnabled(wrong.isEmpty());
    };
    QObject::connect(field, &QLineEdit::textChanged, dialog, look);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    QObject::connect(yes, &QPushButton::clicked, dialog, [dialog, field, done = std::move(done)] {
        const QString answer = field->text();
        dialog->accept();
        done(answer);
    });
    look();
    field->selectAll();
    field->setFocus();
    dialog->open();
}

void askToSave(QWidget *parent, const QString &file, std::function<void(bool)> done)
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, QObject::tr("Not saved"),
                                QObject::tr("%1 has changes that are not saved.").arg(file),
                                QMessageBox::NoButton, parent);
    box->setObjectName(u"editor.askToSave"_s);
    box->setTextFormat(Qt::PlainText);
    box->setAttribute(Qt::WA_DeleteOnClose);
    auto *save = box->addButton(QObject::tr("Save"), QMessageBox::AcceptRole);
    auto *discard = box->addButton(QObject::tr("Discard"), QMessageBox::DestructiveRole);
    box->addButton(QObject::tr("Cancel"), QMessageBox::RejectRole);
    save->setProperty("kind", u"primary"_s);
    box->setDefaultButton(qobject_cast<QPushButton *>(save));
    QObject::connect(save, &QAbstractButton::clicked, box, [done] { done(true); });
    QObject::connect(discard, &QAbstractButton::clicked, box, [done] { done(false); });
    box->open();
}

} // namespace skillbox
