#include "app/desktop/shell/navigation.h"

namespace skillbox {

Navigation::Navigation(QObject *parent) : QObject(parent)
{
}

} // namespace skillbox
