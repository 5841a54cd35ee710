#pragma once

#include "app/desktop/console/form_field.h"

class QComboBox;
class QLineEdit;
class QPlainTextEdit;
class QStackedWidget;

namespace skillbox {

/// Text on one line, with what its format makes easier.
class LineEditor : public ValueEditor
{
    Q_OBJECT

public:
    explicit LineEditor(const FieldShape &shape);
    bool accepts(const JsonNode &value) const override;
    void setValue(const JsonNode &value) override;
    std::optional<JsonNode> value() const override;
    void setAbsent() override;

private:
    void pickDate();

    QLineEdit *m_field;
    class QToolButton *m_tool = nullptr;
    QString m_format;
    bool m_present = false;
};

/// A number as it was typed: no digit is lost. What is no number stays a text, and the check says
/// so.
class NumberEditor : public ValueEditor
{
    Q_OBJECT

public:
    explicit NumberEditor(const FieldShape &shape);
    bool accepts(const JsonNode &value) const override;
    void setValue(const JsonNode &value) override;
    std::optional<JsonNode> value() const override;
    void setAbsent() override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QLineEdit *m_field;
};

/// Text of many lines that grows with what is in it.
class TextAreaEditor : public ValueEditor
{
    Q_OBJECT

public:
    explicit TextAreaEditor(const FieldShape &shape);
    bool accepts(const JsonNode &value) const override;
    void setValue(const JsonNode &value) override;
    std::optional<JsonNode> value() const override;
    void setAbsent() override;

private:
    void grow();

    QPlainTextEdit *m_field;
    bool m_present = false;
};

/// One of a few values; also true and false. Its first entry leaves it out.
class ChoiceEditor : public ValueEditor
{
    Q_OBJECT

public:
    ChoiceEditor(const FieldShape &shape, std::vector<JsonNode> choices);
    bool accepts(const JsonNode &value) const override;
    void setValue(const JsonNode &value) override;
    std::optional<JsonNode> value() const override;
    void setAbsent() override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QComboBox *m_box;
    std::vector<JsonNode> m_choices;
};

/// Any value as JSON text.
class RawEditor : public ValueEditor
{
    Q_OBJECT

public:
    RawEditor();
    bool accepts(const JsonNode &) const override { return true; }
    void setValue(const JsonNode &value) override;
    std::optional<JsonNode> value() const override;
    void setAbsent() override;
    QString complaint() const override;
    void applyTheme(const Theme &theme) override;

private:
    QPlainTextEdit *m_field;
};

/// The members of an object. Members that the schema does not name are kept as they are.
class ObjectEditor : public ValueEditor
{
    Q_OBJECT

public:
    ObjectEditor(const FormContext &context, const FieldShape &shape, int depth);
    bool accepts(const JsonNode &value) const override;
    void setValue(const JsonNode &value) override;
    std::optional<JsonNode> value() const override;
    void setAbsent() override;
    QString complaint() const override;
    void showProblems(const QString &pointer, FieldProblems &problems) override;
    void applyTheme(const Theme &theme) override;

private:
    void addField(const FieldShape::Member &member, class QVBoxLayout *to,
                  std::vector<FormField *> &fields);
    void chooseVariant(int variant);
    QList<FormField *> fields() const;
    FormField *fieldNamed(QStringView name) const;

    FormContext m_context;
    FieldShape m_shape;
    int m_depth;
    std::vector<FormField *> m_fields;
    std::vector<FormField *> m_variantFields;
    QComboBox *m_variant = nullptr;
    QWidget *m_variantPart = nullptr;
    class QLabel *m_others;
    JsonNode m_base = JsonNode::object(); ///< as it was set: for order and unknown members
};

/// The items of an array: added, removed and moved.
class ArrayEditor : public ValueEditor
{
    Q_OBJECT

public:
    ArrayEditor(const FormContext &context, const FieldShape &shape, int depth);
    bool accepts(const JsonNode &value) const override;
    void setValue(const JsonNode &value) override;
    std::optional<JsonNode> value() const override;
    void setAbsent() override;
    QString complaint() const override;
    void showProblems(const QString &pointer, FieldProblems &problems) override;
    void applyTheme(const Theme &theme) override;

    /// A longer array is edited as JSON.
    static constexpr int mostItems = 100;

private:
    const JsonNode *schemaAt(size_t item) const;
    void addItem(const JsonNode &value);
    void rebuild(const std::vector<JsonNode> &values);
    std::vector<JsonNode> values() const;
    void move(FormField *item, int by);

    FormContext m_context;
    FieldShape m_shape;
    int m_depth;
    std::vector<FormField *> m_items;
    class QVBoxLayout *m_column;
    class QToolButton *m_add;
};

/// A value of one of several kinds.
class VariantsEditor : public ValueEditor
{
    Q_OBJECT

public:
    VariantsEditor(const FormContext &context, const FieldShape &shape, int depth);
    bool accepts(const JsonNode &value) const override;
    void setValue(const JsonNode &value) override;
    std::optional<JsonNode> value() const override;
    void setAbsent() override;
    QString complaint() const override;
    void showProblems(const QString &pointer, FieldProblems &problems) override;
    void applyTheme(const Theme &theme) override;

private:
    int variantOf(const JsonNode &value) const;
    void useVariant(int variant);

    FormContext m_context;
    FieldShape m_shape;
    int m_depth;
    QComboBox *m_box;
    ValueEditor *m_editor = nullptr;
};

} // namespace skillbox
