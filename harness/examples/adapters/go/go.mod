module adapter

go 1.20
