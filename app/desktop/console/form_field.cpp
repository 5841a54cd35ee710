#include "app/desktop/console/form_field.h"

#include "app/desktop/console/value_editors.h"
#include "app/desktop/theme/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

FormField::FormField(const FormContext &context, const QString &name, const JsonNode *schema,
                     Presence presence, int depth, QWidget *parent)
    : QWidget(parent)
    , m_context(context)
    , m_name(name)
    , m_schema(schema)
    , m_shape(schema ? context.schema->shapeOf(*schema) : FieldShape())
    , m_presence(presence)
    , m_depth(depth)
    , m_head(new QWidget)
    , m_title(new QLabel)
    , m_mark(new QLabel)
    , m_description(new QLabel)
    , m_note(new QLabel)
    , m_problem(new QLabel)
    , m_clear(new QToolButton)
    , m_add(new QToolButton)
{
    using Kind = FieldShape::Kind;
    m_isLazy = presence != Presence::Always
        && (m_shape.kind == Kind::Object || m_shape.kind == Kind::Array
            || m_shape.kind == Kind::Variants || m_shape.kind == Kind::Raw);
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(4);
    auto *head = new QHBoxLayout(m_head);
    head->setContentsMargins(0, 0, 0, 0);
    head->setSpacing(4);
    m_title->setText(name);
    // Shown before it has a parent, a label is a window for a moment.
    if (name.isEmpty())
        m_title->hide();
    m_title->setTextFormat(Qt::PlainText);
    m_title->setProperty("textRole", u"strong"_s);
    m_mark->setProperty("textRole", u"muted"_s);
    m_mark->setText(presence == Presence::Required ? tr("required") : QString());
    if (!m_shape.title.isEmpty() && m_shape.title != name)
        m_mark->setText(m_mark->text().isEmpty() ? m_shape.title
                                                 : m_shape.title + u" · "_s + m_mark->text());
    m_mark->setTextFormat(Qt::PlainText);
    m_clear->setToolTip(tr("Leave %1 out").arg(name));
    m_clear->setAccessibleName(m_clear->toolTip());
    m_add->setText(tr("Add"));
    m_add->setAccessibleName(tr("Add %1").arg(name));
    m_add->setObjectName(u"form.add."_s + name);
    for (QToolButton *button : {m_clear, m_add}) {
        button->setFocusPolicy(Qt::TabFocus);
        button->setIconSize({14, 14});
    }
    head->addWidget(m_title);
    head->addWidget(m_mark);
    head->addStretch(1);
    head->addWidget(m_add);
    head->addWidget(m_clear);
    QString description = m_shape.description;
    if (!m_shape.hint.isEmpty())
        description += description.isEmpty() ? m_shape.hint : u" ("_s + m_shape.hint + u')';
    m_description->setText(description);
    if (description.isEmpty())
        m_description->hide();
    m_note->setText(tr("The form cannot show this value: it is edited as JSON."));
    m_note->hide();
    m_problem->setProperty("textRole", u"error"_s);
    m_problem->setObjectName(u"form.problem."_s + name);
    m_problem->hide();
    for (QLabel *label : {m_description, m_note, m_problem}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
    }
    m_description->setProperty("textRole", u"muted"_s);
    m_note->setProperty("textRole", u"muted"_s);
    m_column->addWidget(m_head);
    m_column->addWidget(m_description);
    m_column->addWidget(m_note);
    m_column->addWidget(m_problem);
    if (!m_isLazy)
        useEditor(makeEditor(m_context, m_schema, m_shape, m_depth));
    connect(m_add, &QToolButton::clicked, this, [this] {
        makePresent();
        Q_EMIT edited();
    });
    connect(m_clear, &QToolButton::clicked, this, [this] {
        setAbsent();
        Q_EMIT edited();
    });
    applyTheme(m_context.theme);
    tellPresence();
}

FormField::~FormField() = default;

void FormField::useEditor(std::unique_ptr<ValueEditor> editor)
{
    delete m_editor;
    m_editor = editor.release();
    if (m_editor) {
        if (QWidget *control = m_editor->focusProxy()) {
            control->setAccessibleName(m_name);
            control->setObjectName(u"form.value."_s + m_name);
        }
        // Below the description, above what is wrong.
        m_column->insertWidget(3, m_editor);
        connect(m_editor, &ValueEditor::edited, this, [this] {
            tellPresence();
            Q_EMIT edited();
        });
        m_editor->applyTheme(m_context.theme);
    }
    tellPresence();
}

void FormField::makePresent()
{
    setValue(m_schema ? m_context.schema->startOf(*m_schema) : JsonNode());
}

void FormField::setValue(const JsonNode &value)
{
    m_note->hide();
    if (!m_editor || !m_editor->accepts(value)) {
        auto editor = makeEditor(m_context, m_schema, m_shape, m_depth);
        if (!editor->accepts(value)) {
            editor = std::make_unique<RawEditor>();
            m_note->setVisible(m_shape.kind != FieldShape::Kind::Raw);
        }
        useEditor(std::move(editor));
    }
    m_editor->setValue(value);
    tellPresence();
}

void FormField::setAbsent()
{
    m_note->hide();
    if (m_isLazy) {
        useEditor(nullptr);
    } else {
        if (qobject_cast<RawEditor *>(m_editor) && m_shape.kind != FieldShape::Kind::Raw)
            useEditor(makeEditor(m_context, m_schema, m_shape, m_depth));
        m_editor->setAbsent();
    }
    tellPresence();
}

bool FormField::isPresent() const
{
    return m_editor && (m_isLazy || m_editor->value() || !m_editor->complaint().isEmpty());
}

std::optional<JsonNode> FormField::value() const
{
    return m_editor ? m_editor->value() : std::nullopt;
}

QString FormField::complaint() const
{
    const QString complaint = m_editor ? m_editor->complaint() : QString();
    return complaint.isEmpty() || m_name.isEmpty() ? complaint : m_name + u": "_s + complaint;
}

void FormField::showProblems(const QString &pointer, FieldProblems &problems)
{
    if (m_editor)
        m_editor->showProblems(pointer, problems);
    // What is wrong with the whole input is told beside the form, where it is always in sight.
    QStringList own = m_name.isEmpty() ? QStringList() : problems.take(pointer);
    const QString complaint = m_editor ? m_editor->complaint() : QString();
    if (!complaint.isEmpty())
        own.prepend(complaint);
    m_problem->setText(own.join(u'\n'));
    m_problem->setVisible(!own.isEmpty());
}

void FormField::tellPresence()
{
    const bool present = isPresent();
    m_clear->setVisible(present && m_presence == Presence::Optional);
    m_add->setVisible(m_isLazy && !m_editor);
}

void FormField::addTool(QWidget *tool)
{
    m_head->layout()->addWidget(tool);
}

void FormField::setTitle(const QString &title)
{
    m_title->setText(title);
}

void FormField::applyTheme(const Theme &theme)
{
    m_context.theme = theme;
    m_clear->setIcon(themedIcon(u"close"_s, theme, ColorRole::Muted));
    m_add->setIcon(themedIcon(u"plus"_s, theme, ColorRole::Accent));
    m_add->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    if (m_editor)
        m_editor->applyTheme(theme);
}

} // namespace skillbox
