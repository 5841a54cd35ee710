#include "app/desktop/console/value_editors.h"

#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString pointerTo(const QString &pointer, QString name)
{
    name.replace(u'~', u"~0"_s).replace(u'/', u"~1"_s);
    return pointer + u'/' + name;
}

/// Lets what belongs together stand together, behind a line at the left.
QVBoxLayout *nestedLayout(QWidget *editor, int depth)
{
    auto *column = new QVBoxLayout(editor);
    column->setContentsMargins(depth > 0 ? 12 : 0, 0, 0, 0);
    column->setSpacing(14);
    return column;
}

QToolButton *itemButton(const QString &title)
{
    auto *button = iconButton({}, title);
    button->setIconSize({14, 14});
    return button;
}

} // namespace

ObjectEditor::ObjectEditor(const FormContext &context, const FieldShape &shape, int depth)
    : m_context(context)
    , m_shape(shape)
    , m_depth(depth)
    , m_others(new QLabel)
{
    QVBoxLayout *column = nestedLayout(this, depth);
    for (const FieldShape::Member &member : m_shape.members)
        addField(member, column, m_fields);
    if (!m_shape.variants.empty()) {
        m_variant = new QComboBox;
        m_variant->setAccessibleName(tr("Variant"));
        for (const FieldShape::Variant &variant : m_shape.variants)
            m_variant->addItem(variant.title);
        column->addWidget(m_variant);
        m_variantPart = new QWidget;
        auto *part = new QVBoxLayout(m_variantPart);
        part->setContentsMargins(0, 0, 0, 0);
        part->setSpacing(14);
        column->addWidget(m_variantPart);
        connect(m_variant, &QComboBox::activated, this, [this](int chosen) {
            // What the old variant alone knew goes with it.
            const JsonNode now = value().value_or(JsonNode::object());
            JsonNode kept = JsonNode::object();
            const auto isOld = [this](const QString &name) {
                return std::any_of(m_variantFields.begin(), m_variantFields.end(),
                                   [&](FormField *field) { return field->name() == name; });
            };
            for (int i = 0; i < now.size(); ++i) {
                if (!isOld(now.nameAt(i)))
                    kept.setMember(now.nameAt(i), now.children()[static_cast<size_t>(i)]);
            }
            const JsonNode more = m_context.schema->startOf(
                *m_shape.variants[static_cast<size_t>(chosen)].schema);
            for (int i = 0; more.isObject() && i < more.size(); ++i)
                kept.setMember(more.nameAt(i), more.children()[static_cast<size_t>(i)]);
            chooseVariant(chosen);
            m_base = kept;
            for (FormField *field : fields()) {
                if (const JsonNode *member = kept.member(field->name()))
                    field->setValue(*member);
            }
            Q_EMIT edited();
        });
        chooseVariant(0);
    }
    m_others->setProperty("textRole", u"muted"_s);
    m_others->setTextFormat(Qt::PlainText);
    m_others->setWordWrap(true);
    m_others->hide();
    column->addWidget(m_others);
}

void ObjectEditor::addField(const FieldShape::Member &member, QVBoxLayout *to,
                            std::vector<FormField *> &fields)
{
    auto *field = new FormField(m_context, member.name, member.schema,
                                member.required ? FormField::Presence::Required
                                                : FormField::Presence::Optional,
                                m_depth + 1);
    field->setObjectName(u"form."_s + member.name);
    to->addWidget(field);
    fields.push_back(field);
    connect(field, &FormField::edited, this, &ValueEditor::edited);
}

void ObjectEditor::chooseVariant(int variant)
{
    for (FormField *field : m_variantFields)
        delete field;
    m_variantFields.clear();
    m_variant->setCurrentIndex(variant);
    const FieldShape shape = m_context.schema->shapeOf(
        *m_shape.variants[static_cast<size_t>(variant)].schema);
    for (const FieldShape::Member &member : shape.members) {
        if (!fieldNamed(member.name))
            addField(member, static_cast<QVBoxLayout *>(m_variantPart->layout()), m_variantFields);
    }
}

QList<FormField *> ObjectEditor::fields() const
{
    QList<FormField *> all(m_fields.begin(), m_fields.end());
    for (FormField *field : m_variantFields)
        all.append(field);
    return all;
}

FormField *ObjectEditor::fieldNamed(QStringView name) const
{
    for (FormField *field : fields()) {
        if (field->name() == name)
            return field;
    }
    return nullptr;
}

bool ObjectEditor::accepts(const JsonNode &value) const
{
    if (!value.isObject())
        return false;
    // Of two members with one name only one could be shown.
    QStringList names;
    for (int i = 0; i < value.size(); ++i)
        names.append(value.nameAt(i));
    return names.removeDuplicates() == 0;
}

void ObjectEditor::setValue(const JsonNode &value)
{
    m_base = value;
    if (m_variant) {
        const auto &variants = m_shape.variants;
        const auto fitting = std::find_if(variants.begin(), variants.end(),
                                          [&](const FieldShape::Variant &variant) {
                                              return m_context.schema->fits(*variant.schema, value);
                                          });
        chooseVariant(fitting == variants.end() ? qMax(0, m_variant->currentIndex())
                                                : static_cast<int>(fitting - variants.begin()));
    }
    for (FormField *field : fields()) {
        if (const JsonNode *member = value.member(field->name()))
            field->setValue(*member);
        else
            field->setAbsent();
    }
    QStringList others;
    for (int i = 0; i < value.size(); ++i) {
        if (!fieldNamed(value.nameAt(i)))
            others.append(value.nameAt(i).left(80));
    }
    m_others->setText(tr("Kept as they are, and shown as JSON only: %1").arg(others.join(u", "_s)));
    m_others->setVisible(!others.isEmpty());
}

std::optional<JsonNode> ObjectEditor::value() const
{
    JsonNode object = JsonNode::object();
    for (int i = 0; i < m_base.size(); ++i) {
        const QString &name = m_base.nameAt(i);
        const FormField *field = fieldNamed(name);
        const auto value = field ? field->value()
                                 : std::optional(m_base.children()[static_cast<size_t>(i)]);
        if (value)
            object.setMember(name, *value);
    }
    for (const FormField *field : fields()) {
        if (object.member(field->name()))
            continue;
        if (const auto value = field->value())
            object.setMember(field->name(), *value);
    }
    return object;
}

void ObjectEditor::setAbsent()
{
    setValue(JsonNode::object());
}

QString ObjectEditor::complaint() const
{
    for (const FormField *field : fields()) {
        if (const QString complaint = field->complaint(); !complaint.isEmpty())
            return complaint;
    }
    return {};
}

void ObjectEditor::showProblems(const QString &pointer, FieldProblems &problems)
{
    // That a member is missing is said of the object; it belongs to the member's own field.
    FieldProblems own;
    QStringList left;
    for (const QString &message : problems.take(pointer)) {
        const qsizetype start = message.indexOf(u'"');
        const qsizetype end = start < 0 ? -1 : message.indexOf(u'"', start + 1);
        const QString name = end < 0 ? QString() : message.sliced(start + 1, end - start - 1);
        if (message.startsWith("must have a member"_L1) && fieldNamed(name))
            own[pointerTo(pointer, name)].append(tr("is required"));
        else
            left.append(message);
    }
    if (!left.isEmpty())
        problems.insert(pointer, left);
    for (auto it = own.begin(); it != own.end(); ++it)
        problems[it.key()] += it.value();
    for (FormField *field : fields())
        field->showProblems(pointerTo(pointer, field->name()), problems);
}

void ObjectEditor::applyTheme(const Theme &theme)
{
    m_context.theme = theme;
    for (FormField *field : fields())
        field->applyTheme(theme);
}

ArrayEditor::ArrayEditor(const FormContext &context, const FieldShape &shape, int depth)
    : m_context(context)
    , m_shape(shape)
    , m_depth(depth)
    , m_column(nestedLayout(this, 1))
    , m_add(new QToolButton)
{
    m_column->setSpacing(8);
    m_add->setText(tr("Add item"));
    m_add->setObjectName(u"form.addItem"_s);
    m_add->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_add->setFocusPolicy(Qt::TabFocus);
    m_column->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QToolButton::clicked, this, [this] {
        const JsonNode *schema = schemaAt(m_items.size());
        addItem(schema ? m_context.schema->startOf(*schema) : JsonNode());
        m_items.back()->setFocus();
        Q_EMIT edited();
    });
}

const JsonNode *ArrayEditor::schemaAt(size_t item) const
{
    return item < m_shape.tuple.size() ? m_shape.tuple[item] : m_shape.items;
}

void ArrayEditor::addItem(const JsonNode &value)
{
    const auto number = static_cast<int>(m_items.size());
    auto *item = new FormField(m_context, QString::number(number + 1), schemaAt(m_items.size()),
                               FormField::Presence::Always, m_depth + 1);
    item->setValue(value);
    QToolButton *up = itemButton(tr("Move up"));
    QToolButton *down = itemButton(tr("Move down"));
    QToolButton *remove = itemButton(tr("Remove"));
    up->setArrowType(Qt::UpArrow);
    down->setArrowType(Qt::DownArrow);
    remove->setIcon(themedIcon(u"trash"_s, m_context.theme, ColorRole::Muted));
    remove->setObjectName(u"form.removeItem"_s);
    for (QToolButton *button : {up, down, remove})
        item->addTool(button);
    connect(up, &QToolButton::clicked, this, [this, item] { move(item, -1); });
    connect(down, &QToolButton::clicked, this, [this, item] { move(item, 1); });
    connect(remove, &QToolButton::clicked, this, [this, item] { move(item, 0); });
    connect(item, &FormField::edited, this, &ValueEditor::edited);
    m_column->insertWidget(number, item);
    m_items.push_back(item);
    m_add->setEnabled(m_shape.mostItems < 0
                      || static_cast<int>(m_items.size()) < m_shape.mostItems);
}

/// By places up or down; by 0: away.
void ArrayEditor::move(FormField *item, int by)
{
    const auto at = std::find(m_items.begin(), m_items.end(), item);
    auto index = static_cast<int>(at - m_items.begin());
    std::vector<JsonNode> all = values();
    const int target = index + by;
    if (by == 0)
        all.erase(all.begin() + index);
    else if (target >= 0 && target < static_cast<int>(all.size()))
        std::swap(all[static_cast<size_t>(index)], all[static_cast<size_t>(target)]);
    else
        return;
    // The button that was pressed belongs to an item that goes: not from within its signal.
    QMetaObject::invokeMethod(
        this,
        [this, all] {
            rebuild(all);
            Q_EMIT edited();
        },
        Qt::QueuedConnection);
}

std::vector<JsonNode> ArrayEditor::values() const
{
    std::vector<JsonNode> all;
    for (size_t i = 0; i < m_items.size(); ++i) {
        const JsonNode *schema = schemaAt(i);
        auto value = m_items[i]->value();
        all.push_back(value        ? std::move(*value)
                          : schema ? m_context.schema->startOf(*schema)
                                   : JsonNode());
    }
    return all;
}

void ArrayEditor::rebuild(const std::vector<JsonNode> &values)
{
    for (FormField *item : m_items)
        delete item;
    m_items.clear();
    m_add->setEnabled(true);
    for (const JsonNode &value : values)
        addItem(value);
}

bool ArrayEditor::accepts(const JsonNode &value) const
{
    return value.isArray() && value.size() <= mostItems;
}

void ArrayEditor::setValue(const JsonNode &value)
{
    rebuild(value.children());
}

std::optional<JsonNode> ArrayEditor::value() const
{
    JsonNode array = JsonNode::array();
    for (JsonNode &value : values())
        array.append(std::move(value));
    return array;
}

void ArrayEditor::setAbsent()
{
    rebuild({});
}

QString ArrayEditor::complaint() const
{
    for (const FormField *item : m_items) {
        if (const QString complaint = item->complaint(); !complaint.isEmpty())
            return complaint;
    }
    return {};
}

void ArrayEditor::showProblems(const QString &pointer, FieldProblems &problems)
{
    for (size_t i = 0; i < m_items.size(); ++i)
        m_items[i]->showProblems(pointerTo(pointer, QString::number(i)), problems);
}

void ArrayEditor::applyTheme(const Theme &theme)
{
    m_context.theme = theme;
    m_add->setIcon(themedIcon(u"plus"_s, theme, ColorRole::Accent));
    for (FormField *item : m_items) {
        item->applyTheme(theme);
        for (QToolButton *remove : item->findChildren<QToolButton *>(u"form.removeItem"_s))
            remove->setIcon(themedIcon(u"trash"_s, theme, ColorRole::Muted));
    }
}

VariantsEditor::VariantsEditor(const FormContext &context, const FieldShape &shape, int depth)
    : m_context(context)
    , m_shape(shape)
    , m_depth(depth)
    , m_box(new QComboBox)
{
    QVBoxLayout *column = nestedLayout(this, 0);
    column->setSpacing(8);
    for (const FieldShape::Variant &variant : m_shape.variants)
        m_box->addItem(variant.title);
    m_box->setAccessibleName(tr("Kind of value"));
    column->addWidget(m_box);
    connect(m_box, &QComboBox::activated, this, [this](int chosen) {
        useVariant(chosen);
        m_editor->setValue(
            m_context.schema->startOf(*m_shape.variants[static_cast<size_t>(chosen)].schema));
        Q_EMIT edited();
    });
    useVariant(0);
}

void VariantsEditor::useVariant(int variant)
{
    m_box->setCurrentIndex(variant);
    const JsonNode *schema = m_shape.variants[static_cast<size_t>(variant)].schema;
    delete m_editor;
    m_editor = makeEditor(m_context, schema, m_context.schema->shapeOf(*schema), m_depth + 1)
                   .release();
    m_editor->setAccessibleName(m_box->currentText());
    m_editor->applyTheme(m_context.theme);
    layout()->addWidget(m_editor);
    connect(m_editor, &ValueEditor::edited, this, &ValueEditor::edited);
}

int VariantsEditor::variantOf(const JsonNode &value) const
{
    for (size_t i = 0; i < m_shape.variants.size(); ++i) {
        const JsonNode *schema = m_shape.variants[i].schema;
        if (!m_context.schema->fits(*schema, value))
            continue;
        const auto editor = makeEditor(m_context, schema, m_context.schema->shapeOf(*schema),
                                       m_depth + 1);
        if (editor->accepts(value))
            return static_cast<int>(i);
    }
    return -1;
}

bool VariantsEditor::accepts(const JsonNode &value) const
{
    return variantOf(value) >= 0;
}

void VariantsEditor::setValue(const JsonNode &value)
{
    useVariant(qMax(0, variantOf(value)));
    m_editor->setValue(value);
}

std::optional<JsonNode> VariantsEditor::value() const
{
    return m_editor->value();
}

void VariantsEditor::setAbsent()
{
    m_editor->setAbsent();
}

QString VariantsEditor::complaint() const
{
    return m_editor->complaint();
}

void VariantsEditor::showProblems(const QString &pointer, FieldProblems &problems)
{
    m_editor->showProblems(pointer, problems);
}

void VariantsEditor::applyTheme(const Theme &theme)
{
    m_context.theme = theme;
    m_editor->applyTheme(theme);
}

} // namespace skillbox
