module skillbox

go 1.19
