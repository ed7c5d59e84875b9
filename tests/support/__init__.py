"""What tests share: the rules' cases and the engines that play them."""
